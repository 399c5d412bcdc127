// When a trial is ended.
#include "launch/trial_watch.h"

#include <gtest/gtest.h>

namespace temper::launch {
namespace {

TEST(TrialWatch, EndsWhatHoldsTooMuchMemory) {
  TrialWatch watch({.memory_bytes = 1 << 30});
  EXPECT_FALSE(watch.look(0.1, 1 << 30, false));
  const auto over = watch.look(0.1, 3ll << 29, true);
  ASSERT_TRUE(over);
  EXPECT_EQ(over->of, OverLimit::Of::kMemory);
  EXPECT_EQ(over->what, "used 1.5 GiB of memory, limits.memory allows 1 GiB");
  EXPECT_EQ(watch.peak_bytes(), 3ll << 29);
}

TEST(TrialWatch, EndsWhatRunsTooLongWhateverItSays) {
  TrialWatch watch({.seconds = 2.5});
  for (int i = 0; i < 24; ++i) EXPECT_FALSE(watch.look(0.1, 0, true)) << i;
  const auto over = [&] {
    for (int i = 0; i < 3; ++i)
      if (const auto found = watch.look(0.1, 0, true)) return found;
    return std::optional<OverLimit>();
  }();
  ASSERT_TRUE(over);
  EXPECT_EQ(over->of, OverLimit::Of::kTime);
  EXPECT_EQ(over->what, "ran for longer than the 2.5 s that limits.time allows");
}

TEST(TrialWatch, EndsWhatIsSilentForTooLong) {
  TrialWatch watch({.silent_seconds = 60});
  for (int i = 0; i < 300; ++i) EXPECT_FALSE(watch.look(1, 0, i % 50 == 0)) << i;  // 50 s of silence at most
  std::optional<OverLimit> over;
  for (int i = 0; i < 30 && !over; ++i) over = watch.look(1, 0, false);
  ASSERT_TRUE(over);
  EXPECT_EQ(over->of, OverLimit::Of::kSilence);
  EXPECT_EQ(over->what, "gave no sign of life for longer than the 1 min that limits.silence allows");
}

TEST(TrialWatch, TakesAPauseInLookingForNothing) {
  TrialWatch watch({.seconds = 60, .silent_seconds = 60});
  EXPECT_FALSE(watch.look(1e6, 0, false));
}

TEST(TrialWatch, EndsNothingWithoutLimits) {
  TrialWatch watch({});
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(watch.look(1, 1ll << 50, false));
}

}  // namespace
}  // namespace temper::launch
