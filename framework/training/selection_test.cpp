// The best evaluation and the patience of early stopping.
#include "training/selection.h"

#include <cmath>

#include <gtest/gtest.h>

namespace temper::training {
namespace {

TEST(Selection, KeepsTheEarlierOfEquals) {
  Selection selection;
  EXPECT_TRUE(selection.add(0, 1.0, Better::kLower, 0));
  EXPECT_FALSE(selection.add(1, 1.0, Better::kLower, 0));
  EXPECT_TRUE(selection.add(2, 0.9, Better::kLower, 0));
  EXPECT_EQ(selection.best_step, 2);
  EXPECT_EQ(selection.best_value, 0.9);
  EXPECT_EQ(selection.misses, 0);
}

TEST(Selection, CountsASmallGainAsAMissButKeepsIt) {
  Selection selection;
  selection.add(0, 0.50, Better::kHigher, 0.05);
  EXPECT_TRUE(selection.add(1, 0.53, Better::kHigher, 0.05));
  EXPECT_EQ(selection.misses, 1);
  EXPECT_EQ(selection.best_value, 0.53);
  selection.add(2, 0.60, Better::kHigher, 0.05);
  EXPECT_EQ(selection.misses, 0);
}

TEST(Selection, NeverTakesNaN) {
  Selection selection;
  EXPECT_FALSE(selection.add(0, std::nan(""), Better::kLower, 0));
  EXPECT_EQ(selection.misses, 1);
  EXPECT_TRUE(selection.add(1, 2.0, Better::kLower, 0));
  EXPECT_FALSE(selection.add(2, std::nan(""), Better::kLower, 0));
  EXPECT_EQ(selection.best_step, 1);
}

}  // namespace
}  // namespace temper::training
