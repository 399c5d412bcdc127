// Which failures are tried again.
#include "launch/attempts.h"

#include <gmock/gmock.h>

namespace temper::launch {
namespace {

Ended dead(std::int64_t number) {
  Ended ended;
  ended.trial.number = number;
  ended.trial.strategy = "full";
  ended.trial.options = Value::Table{};
  ended.error = "the worker was killed by SIGSEGV (Segmentation fault); the last lines of its log:\nhello";
  ended.died = true;
  return ended;
}

TEST(Attempts, AreAsManyAsTheUserAllows) {
  Attempts attempts;
  EXPECT_EQ(attempts.next(3), 1);
  EXPECT_THAT(attempts.again(dead(3), 2), ::testing::Optional(std::string("trial 3 (full) is tried again (1 of 2): the worker was killed by SIGSEGV (Segmentation fault)")));
  EXPECT_EQ(attempts.next(3), 2);
  EXPECT_TRUE(attempts.again(dead(4), 2));
  EXPECT_TRUE(attempts.again(dead(3), 2));
  EXPECT_EQ(attempts.next(3), 3);
  EXPECT_FALSE(attempts.again(dead(3), 2));
  EXPECT_EQ(attempts.next(3), 3);
  EXPECT_FALSE(Attempts().again(dead(3), 0));
}

TEST(Attempts, AreNotRepeatedAfterAnErrorOrForUsingTooMuch) {
  Attempts attempts;
  Ended error = dead(1), too_much = dead(1);
  error.died = false;
  too_much.used_too_much = true;
  EXPECT_FALSE(attempts.again(error, 5));
  EXPECT_FALSE(attempts.again(too_much, 5));
  EXPECT_EQ(attempts.next(1), 1);
}

TEST(Attempts, InAUsedWorkerDoNotCountAgainstItsMemory) {
  Attempts attempts;
  Ended ended = dead(1);
  ended.used_too_much = ended.may_fit_alone = true;
  EXPECT_THAT(attempts.again(ended, 0), ::testing::Optional(::testing::HasSubstr("begins again in a worker of its own")));
  EXPECT_EQ(attempts.next(1), 2);
  ended.may_fit_alone = false;  // and now it was alone
  EXPECT_FALSE(attempts.again(ended, 0));
}

}  // namespace
}  // namespace temper::launch
