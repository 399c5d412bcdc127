// One run at a time: locks that are held, that a killed run left, and those of other machines.
#include "launch/study_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>

#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::launch {
namespace {

using namespace std::chrono_literals;
using temper::testing::message_of;
using temper::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr LockTiming kQuick{20ms, 200ms};

class StudyLockTest : public ::testing::Test {
 protected:
  std::unique_ptr<StudyLock> lock() {
    notes.clear();
    return std::make_unique<StudyLock>(folder.path(), [this](const std::string& note) { notes.push_back(note); }, kQuick);
  }
  static std::string own_host() {
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    return name;
  }
  TemporaryFolder folder;
  std::vector<std::string> notes;
};

TEST_F(StudyLockTest, ASecondRunIsToldWhoHoldsItWhereAndSinceWhen) {
  const auto first = lock();
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_THAT(message_of([&] { lock(); }), AllOf(HasSubstr("is being written by process " + std::to_string(::getpid()) + " on " + own_host() + " since 20"), HasSubstr("--results")));
}

TEST_F(StudyLockTest, IsFreeAgainWithoutAWordWhenItsRunHasEnded) {
  lock().reset();
  EXPECT_NO_THROW(lock());
  EXPECT_THAT(notes, IsEmpty());
}

TEST_F(StudyLockTest, ThatOfAKilledRunIsTakenAtOnceAndSaidSo) {
  const pid_t child = ::fork();
  if (child == 0) {
    new StudyLock(folder.path(), [](const std::string&) {}, kQuick);
    ::raise(SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  const auto held = lock();
  EXPECT_THAT(notes, ElementsAre(AllOf(HasSubstr("an earlier run was ended in the middle"), HasSubstr("process " + std::to_string(child) + " on " + own_host()))));
}

TEST_F(StudyLockTest, ANumberThatAnotherProcessHasNowHoldsNothing) {
  folder.write(kLockFile, R"({"process": 1, "host": ")" + own_host() + R"(", "since": "2026-01-01T00:00:00Z"})");  // alive, and no run
  EXPECT_NO_THROW(lock());
  EXPECT_THAT(notes, ElementsAre(HasSubstr("process 1 on ")));
}

TEST_F(StudyLockTest, ThatOfAnotherHostIsTakenWhenItShowsNoSignOfLife) {
  folder.write(kLockFile, R"({"process": 77, "host": "elsewhere", "since": "2026-01-01T00:00:00Z"})");
  const auto held = lock();
  EXPECT_THAT(notes, ElementsAre(AllOf(HasSubstr("process 77 on elsewhere since 2026-01-01T00:00:00Z"), HasSubstr("waiting for a sign of life")), HasSubstr("there is none")));
}

TEST_F(StudyLockTest, ThatOfAnotherHostHoldsWhileItsTimeIsRenewed) {
  const auto file = folder.write(kLockFile, R"({"process": 77, "host": "elsewhere", "since": "2026-01-01T00:00:00Z"})");
  std::atomic<bool> ends = false;
  std::thread elsewhere([&] {
    while (!ends) {
      std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now());
      std::this_thread::sleep_for(20ms);
    }
  });
  EXPECT_THAT(message_of([&] { lock(); }), HasSubstr("is being written by process 77 on elsewhere since 2026-01-01T00:00:00Z"));
  ends = true;
  elsewhere.join();
}

TEST_F(StudyLockTest, ItsHolderRenewsItsTime) {
  const auto held = lock();
  const auto before = std::filesystem::last_write_time(folder / kLockFile);
  std::this_thread::sleep_for(300ms);
  EXPECT_GT(std::filesystem::last_write_time(folder / kLockFile), before);
}

TEST_F(StudyLockTest, AFileThatWasCutOrIsOfAnEarlierVersionHoldsNothing) {
  for (const char* text : {"", "4711", "{\"process\": 47", "{}", "[1]", "{\"process\": \"x\", \"host\": 1, \"since\": 2}"}) {
    folder.write(kLockFile, text);
    EXPECT_NO_THROW(lock()) << text;
    EXPECT_THAT(notes, IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace temper::launch
