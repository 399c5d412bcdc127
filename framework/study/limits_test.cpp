// The table [limits]: quantities as people and Slurm write them, and what is wrong with others.
#include "study/limits.h"

#include <gmock/gmock.h>

#include "study/study.h"
#include "support/made_up_study.h"
#include "support/message_of.h"

namespace temper::study {
namespace {

using temper::testing::kBeginning;
using temper::testing::kModel;
using temper::testing::kSupervised;
using temper::testing::MadeUpStudy;
using temper::testing::message_of;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Quantities, HaveUnitsAndMayStandWithoutABlank) {
  EXPECT_EQ(bytes_from_text("1000"), 1000);
  EXPECT_EQ(bytes_from_text("4 GiB"), std::int64_t{4} << 30);
  EXPECT_EQ(bytes_from_text("4G"), std::int64_t{4} << 30);
  EXPECT_EQ(bytes_from_text("1.5 MiB"), 3 << 19);
  EXPECT_EQ(bytes_from_text("500 MB"), 500'000'000);
  EXPECT_EQ(seconds_from_text("90"), 90);
  EXPECT_EQ(seconds_from_text("0.5 s"), 0.5);
  EXPECT_EQ(seconds_from_text("10min"), 600);
  EXPECT_EQ(seconds_from_text("1.5 h"), 5400);
  EXPECT_EQ(seconds_from_text("2 d"), 172800);
}

TEST(Quantities, ThatAreNoneAreRefused) {
  for (const char* text : {"", "GiB", "-1 GiB", "0", "4 gib", "4 GiB!", "4 min", "inf", "nan", "1e30 TiB", "0.1"}) EXPECT_THAT(message_of([&] { bytes_from_text(text); }), HasSubstr("is no amount of memory")) << text;
  for (const char* text : {"", "min", "-1 s", "0 s", "4 GiB", "10 minutes!", "inf"}) EXPECT_THAT(message_of([&] { seconds_from_text(text); }), HasSubstr("is no duration")) << text;
}

TEST(Quantities, AreShownRounded) {
  EXPECT_EQ(bytes_text(900), "900 bytes");
  EXPECT_EQ(bytes_text(std::int64_t{4} << 30), "4 GiB");
  EXPECT_EQ(bytes_text((std::int64_t{4} << 30) + (300 << 20)), "4.3 GiB");
  EXPECT_EQ(bytes_text(700 << 20), "700 MiB");
}

TEST(LimitsOfAnExperiment, AreNoPartOfItsTrialsAndReadBack) {
  const MadeUpStudy study;
  const std::string begun = kBeginning + kModel;
  const Study plain = study.read(begun + kSupervised), limited = study.read(begun + "[limits]\nmemory = \"4 GiB\"\ntime = \"10 min\"\nsilence = \"none\"\nretries = 2\n" + kSupervised);
  ASSERT_EQ(plain.trials.size(), limited.trials.size());
  EXPECT_EQ(plain.trials.front().identity, limited.trials.front().identity);
  EXPECT_EQ(plain.trials.front().parameters(), limited.trials.front().parameters());
  const Limits none = limits_of(plain.experiment.limits), limits = limits_of(limited.experiment.limits);
  EXPECT_FALSE(none.memory_bytes || none.seconds);
  EXPECT_EQ(none.silent_seconds, 21600);
  EXPECT_EQ(none.retries, 0);
  EXPECT_EQ(limits.memory_bytes, std::int64_t{4} << 30);
  EXPECT_EQ(limits.seconds, 600);
  EXPECT_FALSE(limits.silent_seconds);
  EXPECT_EQ(limits.retries, 2);
  EXPECT_THAT(resolved_toml(limited.experiment), HasSubstr("\n[limits]\nmemory = \"4 GiB\"\ntime = \"10 min\"\nsilence = \"none\"\nretries = 2\n"));
}

TEST(LimitsOfAnExperiment, ThatAreWrongAreToldWithTheirPlaces) {
  const MadeUpStudy study;
  const std::string begun = kBeginning + kModel;
  EXPECT_THAT(message_of([&] { study.read(begun + "[limits]\nmemory = \"much\"\ntime = \"10 minutes\"\n" + kSupervised); }),
              AllOf(HasSubstr("limits.memory: \"much\" is no amount of memory"), HasSubstr("limits.time: \"10 minutes\" is no duration"), HasSubstr(".toml:")));
  EXPECT_THAT(message_of([&] { study.read(begun + "[limits]\nmemroy = \"4 GiB\"\n" + kSupervised); }), HasSubstr("did you mean \"memory\"?"));
  EXPECT_THAT(message_of([&] { study.read(begun + "[limits]\nretries = -1\n" + kSupervised); }), HasSubstr("retries is -1, it must be at least 0"));
}

}  // namespace
}  // namespace temper::study
