// Cores by sched_getaffinity(2), control groups by their files (kernel: admin-guide/cgroup-v2, cgroup-v1/cpu), memories by /sys/devices/system/node.
#include "launch/machine.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

namespace temper::launch {

namespace fs = std::filesystem;

namespace {

std::vector<int> allowed_cores() {
  // Larger than CPU_SETSIZE's 1,024: the call fails where the machine has more cores than the set has room for.
  constexpr int kMostCores = 1 << 16;
  cpu_set_t* set = CPU_ALLOC(kMostCores);
  const std::size_t size = CPU_ALLOC_SIZE(kMostCores);
  CPU_ZERO_S(size, set);
  std::vector<int> cores;
  if (::sched_getaffinity(0, size, set) == 0) {
    for (int core = 0; core < kMostCores; ++core)
      if (CPU_ISSET_S(static_cast<std::size_t>(core), size, set)) cores.push_back(core);
  }
  CPU_FREE(set);
  return cores;
}

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

// Whole cores in a quota of microseconds per period; nothing for "max" and -1.
std::optional<double> cores_in(const std::string& quota, const std::string& period) {
  double used = 0, of = 0;
  const auto read = [](const std::string& text, double& number) { return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc(); };
  if (!read(quota, used) || !read(period, of) || used <= 0 || of <= 0) return std::nullopt;
  return used / of;
}

std::optional<double> quota_of(const fs::path& group, bool is_second_version) {
  if (!is_second_version) return cores_in(first_line(group / "cpu.cfs_quota_us"), first_line(group / "cpu.cfs_period_us"));
  std::istringstream words(first_line(group / "cpu.max"));
  std::string quota, period;
  words >> quota >> period;
  return cores_in(quota, period);
}

// The least quota of a group and of those that it lies in. In a container the path may be the host's, and its files lie at the mount itself.
std::optional<double> least_quota(const fs::path& mount, fs::path group, bool is_second_version) {
  std::optional<double> least;
  const auto take = [&](const fs::path& folder) {
    const std::optional<double> quota = quota_of(folder, is_second_version);
    if (quota && (!least || *quota < *least)) least = quota;
  };
  for (group = group.relative_path(); !group.empty(); group = group.parent_path()) take(mount / group);
  take(mount);
  return least;
}

std::optional<double> control_group_quota(const fs::path& root) {
  std::optional<double> least;
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // "0::/user.slice", "4:cpu,cpuacct:/docker/1234"
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool is_second_version = controllers == ",,";
    if (!is_second_version && controllers.find(",cpu,") == std::string::npos) continue;
    std::optional<double> quota;
    if (is_second_version) {
      quota = least_quota(root / "sys/fs/cgroup", line.substr(second + 1), true);
    } else {
      for (const char* mount : {"cpu", "cpu,cpuacct"})
        if (!quota) quota = least_quota(root / "sys/fs/cgroup" / mount, line.substr(second + 1), false);
    }
    if (quota && (!least || *quota < *least)) least = quota;
  }
  return least;
}

}  // namespace

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

std::int64_t usable_cores(const fs::path& root) {
  std::int64_t cores = static_cast<std::int64_t>(allowed_cores().size());
  if (cores == 0) cores = std::thread::hardware_concurrency();
  if (const std::optional<double> quota = control_group_quota(root)) cores = std::min(cores, static_cast<std::int64_t>(std::ceil(*quota)));
  return std::max<std::int64_t>(1, cores);
}

std::vector<int> parse_core_list(const std::string& text) {
  constexpr int kMostCores = 1 << 20;
  std::vector<int> cores;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    int first = 0;
    const char* end = part.data() + part.size();
    const auto [after, error] = std::from_chars(part.data(), end, first);
    if (error != std::errc() || first < 0) return cores;
    int last = first;
    if (after != end && (*after != '-' || std::from_chars(after + 1, end, last).ec != std::errc())) return cores;
    if (last < first || last > kMostCores) return cores;
    for (int core = first; core <= last; ++core) cores.push_back(core);
  }
  return cores;
}

std::vector<std::vector<int>> cores_by_memory(const fs::path& root) {
  const std::vector<int> allowed = allowed_cores();
  std::vector<std::vector<int>> all;
  for (const int node : parse_core_list(first_line(root / "sys/devices/system/node/online"))) {
    std::vector<int> cores;
    for (const int core : parse_core_list(first_line(root / ("sys/devices/system/node/node" + std::to_string(node) + "/cpulist"))))
      if (std::binary_search(allowed.begin(), allowed.end(), core)) cores.push_back(core);
    if (!cores.empty()) all.push_back(std::move(cores));
  }
  if (all.empty()) all.push_back(allowed);
  return all;
}

std::vector<int> cores_of_worker(const std::vector<std::vector<int>>& by_memory, std::size_t number, std::int64_t threads) {
  if (by_memory.size() < 2) return {};
  const std::vector<int>& cores = by_memory[number % by_memory.size()];
  return static_cast<std::int64_t>(cores.size()) < threads ? std::vector<int>() : cores;
}

std::vector<std::string> usable_gpus(const char* visible, std::int64_t count) {
  std::vector<std::string> gpus;
  if (visible) {
    std::istringstream names(visible);
    for (std::string name; std::getline(names, name, ',');) {
      std::erase(name, ' ');
      if (!name.empty()) gpus.push_back(name);
    }
    // What stands behind a name that is none counts for nothing in CUDA.
    if (static_cast<std::int64_t>(gpus.size()) > count) gpus.resize(static_cast<std::size_t>(std::max<std::int64_t>(0, count)));
    return gpus;
  }
  for (std::int64_t gpu = 0; gpu < count; ++gpu) gpus.push_back(std::to_string(gpu));
  return gpus;
}

std::map<std::string, std::string> gpu_of_worker(const std::string& device, const std::vector<std::string>& gpus, std::size_t number) {
  if ((device != "auto" && device != "cuda") || gpus.size() < 2) return {};
  return {{"CUDA_VISIBLE_DEVICES", gpus[number % gpus.size()]}};
}

std::vector<WorkerPlace> divide_machine(std::int64_t workers, std::int64_t threads, const std::string& device, const std::vector<std::string>& gpus) {
  std::vector<WorkerPlace> places(static_cast<std::size_t>(workers));
  if (workers < 2) return places;  // one worker has it all
  const std::vector<std::vector<int>> cores = cores_by_memory();
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = {gpu_of_worker(device, gpus, i), cores_of_worker(cores, i, threads)};
  return places;
}

}  // namespace temper::launch
