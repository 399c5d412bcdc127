// A few of the kills, cuts and full disks that kill_test.py can do; README.md tells how to run them all.
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/run_program.h"

namespace temper::testing {
namespace {

class KilledStudy : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* python = std::getenv("TEMPER_PYTHON");
    if (!python || !*python) GTEST_SKIP() << "TEMPER_PYTHON names no Python with h5py";
    python_ = python;
    if (run_command({python_, "-c", "import h5py, numpy"}).status != 0) GTEST_SKIP() << "the Python of TEMPER_PYTHON (" << python_ << ") has no h5py";
  }
  ProgramResult kill_test(const std::vector<std::string>& arguments) {
    std::vector<std::string> words{python_, std::string(TEMPER_SOURCE_DIRECTORY) + "/tests/kill/kill_test.py", "--temper", temper_program()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run_command(words);
  }
  std::string python_;
};

TEST_F(KilledStudy, IsTheOneThatWasLeftAloneAndRepeatsAtMostASnapshotsInterval) {
  const ProgramResult result = kill_test({"--kills", "10"});
  EXPECT_EQ(result.status, 0) << result.all();
}

TEST_F(KilledStudy, IsTheSameWhereAFileWasCutAfterEachKill) {
  const ProgramResult result = kill_test({"--kills", "6", "--cut"});
  EXPECT_EQ(result.status, 0) << result.all();
}

TEST_F(KilledStudy, EndsWithStatus1OnAFullDiskAndGoesOnWhenThereIsRoom) {
  const ProgramResult result = kill_test({"--small-disk", "--disks", "2"});
  if (result.status == 77) GTEST_SKIP() << result.out;
  EXPECT_EQ(result.status, 0) << result.all();
}

}  // namespace
}  // namespace temper::testing
