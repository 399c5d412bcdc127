// Cores, memories and GPUs of machines as /proc and /sys describe them.
#include "launch/machine.h"

#include <gmock/gmock.h>
#include <sched.h>

#include "support/temporary_folder.h"

namespace temper::launch {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using Cores = std::vector<int>;

std::int64_t cores_of_process() {
  cpu_set_t set;
  CPU_ZERO(&set);
  EXPECT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
  return CPU_COUNT(&set);
}

TEST(UsableCores, AreThoseThatTheProcessMayRunOn) {
  const testing::TemporaryFolder nothing;
  EXPECT_EQ(usable_cores(nothing.path()), cores_of_process());
  cpu_set_t before, one;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  int core = 0;
  while (!CPU_ISSET(core, &before)) ++core;
  CPU_SET(core, &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(usable_cores(nothing.path()), 1);
  EXPECT_THAT(cores_by_memory(nothing.path()), ElementsAre(ElementsAre(core)));
  ASSERT_EQ(::sched_setaffinity(0, sizeof before, &before), 0);
}

TEST(UsableCores, AreFewerWhereAControlGroupAllowsLess) {
  const testing::TemporaryFolder second;  // version 2, the limit one level up
  second.write("proc/self/cgroup", "0::/user.slice/job\n");
  second.write("sys/fs/cgroup/user.slice/job/cpu.max", "max 100000\n");
  second.write("sys/fs/cgroup/user.slice/cpu.max", "100000 100000\n");
  EXPECT_EQ(usable_cores(second.path()), 1);
  second.write("sys/fs/cgroup/user.slice/cpu.max", "20000 100000\n");  // a fifth of a core is one thread still
  EXPECT_EQ(usable_cores(second.path()), 1);
  second.write("sys/fs/cgroup/user.slice/cpu.max", "max 100000\n");
  EXPECT_EQ(usable_cores(second.path()), cores_of_process());

  const testing::TemporaryFolder first;  // version 1 in a container: the path is the host's
  first.write("proc/self/cgroup", "4:memory:/docker/1\n3:cpu,cpuacct:/docker/1\n0::/\n");
  first.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n");
  first.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(usable_cores(first.path()), 1);
  first.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(usable_cores(first.path()), cores_of_process());
}

TEST(CoreLists, AreReadAsTheKernelWritesThem) {
  EXPECT_THAT(parse_core_list("0-3,8,10-11"), ElementsAre(0, 1, 2, 3, 8, 10, 11));
  EXPECT_THAT(parse_core_list(""), IsEmpty());
  EXPECT_THAT(parse_core_list("1,x,3"), ElementsAre(1));
  EXPECT_THAT(parse_core_list("3-1"), IsEmpty());
  EXPECT_THAT(parse_core_list("0-4000000000"), IsEmpty());
}

TEST(CoresOfAWorker, AreNearToOneMemoryInTurns) {
  const std::vector<Cores> two{{0, 1, 2, 3}, {4, 5, 6, 7}};
  EXPECT_EQ(cores_of_worker(two, 0, 2), two[0]);
  EXPECT_EQ(cores_of_worker(two, 1, 2), two[1]);
  EXPECT_EQ(cores_of_worker(two, 2, 2), two[0]);
  EXPECT_THAT(cores_of_worker(two, 0, 8), IsEmpty());            // no memory has so many
  EXPECT_THAT(cores_of_worker({{0, 1, 2, 3}}, 0, 2), IsEmpty());  // nothing is nearer than the rest
}

TEST(CoresByMemory, AreThoseOfEachNodeThatMayBeUsed) {
  const testing::TemporaryFolder machine;
  machine.write("sys/devices/system/node/online", "0-1\n");
  machine.write("sys/devices/system/node/node0/cpulist", "0\n");
  machine.write("sys/devices/system/node/node1/cpulist", "100000\n");  // not ours
  cpu_set_t set;
  ASSERT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
  if (!CPU_ISSET(0, &set)) GTEST_SKIP() << "this process may not run on core 0";
  EXPECT_THAT(cores_by_memory(machine.path()), ElementsAre(ElementsAre(0)));
}

TEST(Gpus, GoRoundAmongWorkers) {
  const std::vector<std::string> gpus = usable_gpus(nullptr, 2);
  EXPECT_THAT(gpus, ElementsAre("0", "1"));
  EXPECT_THAT(gpu_of_worker("auto", gpus, 0), ElementsAre(Pair("CUDA_VISIBLE_DEVICES", "0")));
  EXPECT_THAT(gpu_of_worker("cuda", gpus, 1), ElementsAre(Pair("CUDA_VISIBLE_DEVICES", "1")));
  EXPECT_THAT(gpu_of_worker("auto", gpus, 2), ElementsAre(Pair("CUDA_VISIBLE_DEVICES", "0")));
}

TEST(Gpus, AreThoseThatTheUserOrSlurmLeft) {
  EXPECT_THAT(usable_gpus("3, GPU-8a1f", 2), ElementsAre("3", "GPU-8a1f"));
  EXPECT_THAT(usable_gpus("3,-1,5", 1), ElementsAre("3"));
  EXPECT_THAT(usable_gpus("", 0), IsEmpty());
  EXPECT_THAT(gpu_of_worker("auto", usable_gpus("3,5", 2), 1), ElementsAre(Pair("CUDA_VISIBLE_DEVICES", "5")));
}

TEST(Gpus, AreNotDividedWhereOneIsNamedOrThereIsOne) {
  EXPECT_THAT(gpu_of_worker("cuda:1", {"0", "1"}, 0), IsEmpty());
  EXPECT_THAT(gpu_of_worker("cpu", {"0", "1"}, 0), IsEmpty());
  EXPECT_THAT(gpu_of_worker("auto", {"0"}, 0), IsEmpty());
  EXPECT_THAT(gpu_of_worker("auto", {}, 1), IsEmpty());
}

}  // namespace
}  // namespace temper::launch
