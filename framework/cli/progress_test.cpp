// The words of a progress line.
#include "cli/progress.h"

#include <gtest/gtest.h>

namespace temper::cli {
namespace {

TEST(ProgressText, TellsWhatIsDoneHowFastAndWhatIsLeft) {
  EXPECT_EQ(progress_text(0, 10, 5), "0 of 10 lines");
  EXPECT_EQ(progress_text(50, 200, 10), "50 of 200 lines, 5 per second, 30 s left");
  EXPECT_EQ(progress_text(200, 200, 10), "200 of 200 lines, 20 per second");
  EXPECT_EQ(progress_text(50, {}, 10), "50 lines, 5 per second");
}

}  // namespace
}  // namespace temper::cli
