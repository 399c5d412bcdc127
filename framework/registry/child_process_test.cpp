// Children: output, errors, the ways to end, and the limit.
#include "registry/child_process.h"

#include <gmock/gmock.h>

#include "support/message_of.h"

namespace temper::registry {
namespace {

using namespace std::chrono_literals;

ChildResult shell(const std::string& command, std::chrono::milliseconds limit = 20s) { return run_child("/bin/sh", {"-c", command}, limit); }

TEST(ChildProcess, KeepsBothStreamsAndTheStatus) {
  const ChildResult result = shell("echo out; echo err >&2; exit 3");
  EXPECT_EQ(result.output, "out\n");
  EXPECT_EQ(result.errors, "err\n");
  EXPECT_EQ(describe(result, 1s), "exited with status 3");
}

TEST(ChildProcess, TellsTheSignal) { EXPECT_EQ(describe(shell("kill -SEGV $$"), 1s), "was ended by signal 11 (Segmentation fault)"); }

TEST(ChildProcess, EndsWhatStaysSilent) {
  EXPECT_EQ(describe(shell("sleep 60", 100ms), 100ms), "did not answer within 0.1 s");
  EXPECT_EQ(describe(shell("exec sleep 60 >&- 2>&-", 100ms), 100ms), "did not answer within 0.1 s");
}

TEST(ChildProcess, LetsATalkerGoOn) {
  const ChildResult result = shell("for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done", 800ms);
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.output, "1\n2\n3\n4\n5\n6\n");
}

TEST(ChildProcess, KeepsTheEndOfALongComplaint) {
  const ChildResult result = shell("i=0; while [ $i -lt 20000 ]; do echo line $i >&2; i=$((i+1)); done");
  EXPECT_LE(result.errors.size(), 65536u);
  EXPECT_EQ(last_lines(result.errors, 2), "    line 19998\n    line 19999");
}

TEST(ChildProcess, SaysWhatCannotBeStarted) {
  EXPECT_EQ(temper::testing::message_of([] { run_child("/no/such/program", {}, 1s); }), "/no/such/program: cannot be started: No such file or directory");
}

}  // namespace
}  // namespace temper::registry
