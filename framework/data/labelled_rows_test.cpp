// Which rows count as labelled.
#include <temper/labelled_rows.h>

#include <gtest/gtest.h>

namespace temper {
namespace {

TEST(LabelledRows, AreThoseWithALabelInTheirOrder) {
  RowsInMemory split;
  split.add({"a", {}}, {Label{"yes"}});
  split.add({"b", {}}, {});
  split.add({"c", {}}, {Text{"free"}});
  split.add({"d", {}}, {Label{"no"}, Label{"yes"}});
  const std::vector<LabelledRow> rows = labelled_rows(split);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].row, 0u);
  EXPECT_EQ(rows[0].label, "yes");
  EXPECT_EQ(rows[1].row, 3u);
  EXPECT_EQ(rows[1].label, "no");
}

}  // namespace
}  // namespace temper
