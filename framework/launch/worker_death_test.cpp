// What is told of a worker's death, from the log that it left.
#include "launch/worker_death.h"

#include <gmock/gmock.h>
#include <signal.h>

#include "launch/backtrace.h"
#include "support/temporary_folder.h"

namespace temper::launch {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int kSegfault = SIGSEGV;  // as waitpid(2) gives the end by a signal without a core
constexpr int exited(int status) { return status << 8; }

class Death : public ::testing::Test {
 protected:
  std::string told(int wait_status, const std::string& log, std::uintmax_t begin = 0) const {
    WorkerDeath death;
    death.wait_status = wait_status;
    death.log = folder.write("log.txt", log);
    death.log_begin = begin;
    return describe(death);
  }
  testing::TemporaryFolder folder;
};

TEST_F(Death, NamesTheSignalOrTheStatus) {
  EXPECT_EQ(told(kSegfault, ""), "the worker was killed by SIGSEGV (Segmentation fault)");
  EXPECT_EQ(told(exited(3), ""), "the worker exited with status 3 in the middle of the trial: something in it called exit");
  WorkerDeath death;
  death.wait_status = SIGKILL;
  EXPECT_EQ(describe(death), "the worker was killed by SIGKILL (Killed), probably because the system ran out of memory, or by hand");
  death.memory_ran_out = true;
  EXPECT_EQ(describe(death), "the worker was killed by SIGKILL (Killed), because the system ran out of memory");
  death.over_limit = "ran for longer than the 2 s that limits.time allows";
  EXPECT_EQ(describe(death), "the trial ran for longer than the 2 s that limits.time allows, and its worker was ended");
}

TEST_F(Death, QuotesTheLastLinesOfThisAttemptAndTheFrames) {
  const std::string before = "an earlier attempt\n";
  const std::string log = before + "hello\nworld\n\n" + std::string(kBacktraceMark) + "SIGSEGV (Segmentation fault), address 0x10\n" +
                          "/a/libx.so(_ZN6temper5faultEi+0x12)[0x7f0000001234]\n/a/liby.so(+0x99)[0x7f0000005678]\n/a/temper-worker[0x400000]\n";
  EXPECT_EQ(told(kSegfault, log, before.size()), "the worker was killed by SIGSEGV (Segmentation fault); the last lines of its log:\nhello\nworld\n"
                                                 "backtrace of SIGSEGV (Segmentation fault), address 0x10:\n"
                                                 "libx.so: temper::fault(int)\nliby.so: +0x99\ntemper-worker: ?");
}

TEST_F(Death, IsBoundedWhateverTheLogHolds) {
  std::string log;
  for (int i = 0; i < 100'000; ++i) log += "line " + std::to_string(i) + '\n';
  EXPECT_THAT(told(kSegfault, log), HasSubstr("its log:\nline 99980\n"));
  EXPECT_LT(told(kSegfault, std::string(1 << 20, 'x')).size(), 1000u);
  EXPECT_LT(told(kSegfault, std::string(kBacktraceMark) + "x\n" + log).size(), 5000u);
  const std::string bytes = told(kSegfault, std::string("a\0b\xff\x1b[31mred\xc3\n", 14));
  EXPECT_THAT(bytes, HasSubstr("\nab[31mred"));
  EXPECT_THAT(told(kSegfault, "short\n", 1000), Not(HasSubstr("log")));
  WorkerDeath without_log;
  without_log.wait_status = kSegfault;
  without_log.log = folder / "nothing";
  EXPECT_THAT(describe(without_log), Not(HasSubstr("log")));
}

TEST(Backtrace, EndsWhereTheTrialBeginsAndCountsRecursion) {
  EXPECT_EQ(readable_backtrace({"/x/a.so(f+0x1)[0x1]", "/x/a.so(f+0x1)[0x1]", "/x/a.so(f+0x9)[0x1]", "/x/t.so(_ZN6temper5study9run_trialEv+0x1)[0x1]", "/x/m(main+0x1)[0x1]"}, 9),
            "a.so: f, 3 times\nt.so: temper::study::run_trial()");
}

TEST(Backtrace, LeavesOutWhatIsNoFrameAndWhatIsTooMuch) {
  EXPECT_EQ(readable_backtrace({"words", "/x/a.so(f+0x1)[0x1]", "", "/x/b.so(g+0x1)[0x1]", "/x/c.so(h+0x1)[0x1]"}, 2), "a.so: f\nb.so: g");
  EXPECT_EQ(readable_backtrace({"(", "()", ")(", "[0x", "x(+)[0x1]", "(+0xzz)[0x1]"}, 9), ": ?\nx: ?\n: +0xzz");
}

}  // namespace
}  // namespace temper::launch
