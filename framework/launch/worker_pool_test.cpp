// Tests of how workers are started.
#include "launch/worker_pool.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace temper::launch {
namespace {

class WorkerEnvironment : public ::testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }

 private:
  static void clear() {
    ::unsetenv("OMP_WAIT_POLICY");
    ::unsetenv("GOMP_SPINCOUNT");
  }
};

TEST_F(WorkerEnvironment, ThreadsSpinForABoundedTimeBetweenTwoLoops) {
  const auto environment = worker_environment();
  EXPECT_EQ(environment.at("OMP_WAIT_POLICY"), "passive");
  EXPECT_EQ(environment.at("GOMP_SPINCOUNT"), "10000");
}

TEST_F(WorkerEnvironment, WhatTheUserChoseStays) {
  ::setenv("OMP_WAIT_POLICY", "active", 1);
  EXPECT_TRUE(worker_environment().empty());
  ::unsetenv("OMP_WAIT_POLICY");
  ::setenv("GOMP_SPINCOUNT", "0", 1);
  EXPECT_TRUE(worker_environment().empty());
}

}  // namespace
}  // namespace temper::launch
