// What this machine is called, what of its cores and GPUs the program may use, and which of them a worker gets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace temper::launch {

std::string host_name();  // empty where the system does not tell

// Cores that this process may run on (taskset, cpusets, Slurm), or the CPU time that its control groups allow (Docker's --cpus, Kubernetes), in
// whole cores, where that is less. At least 1. `root` is where /proc and /sys are, for tests.
std::int64_t usable_cores(const std::filesystem::path& root = "/");

// The cores that this process may run on, by the memory that is near to them (NUMA nodes); one list where the machine has one memory.
std::vector<std::vector<int>> cores_by_memory(const std::filesystem::path& root = "/");

// The cores that the worker `number` (from 0) of several is kept on: those near to one memory, in turns, since a worker's tensors lie where its
// threads first ran. Empty: it may run everywhere, because there is one memory, or no memory has `threads` cores. Workers are not tied to single
// cores: another program there, a second study for instance, would halve their speed while others stand idle.
std::vector<int> cores_of_worker(const std::vector<std::vector<int>>& by_memory, std::size_t number, std::int64_t threads);

// "0-3,8" as in /sys; what is no such list gives what was read until then.
std::vector<int> parse_core_list(const std::string& text);

// The names of the GPUs that this process may use, for CUDA_VISIBLE_DEVICES: those that the variable names now (`visible`; null: it is not set), else 0, 1, ...
// `count` is what the CUDA runtime sees.
std::vector<std::string> usable_gpus(const char* visible, std::int64_t count);

// Where a worker runs.
struct WorkerPlace {
  std::map<std::string, std::string> environment;  // on top of what all workers have
  std::vector<int> cores;                          // empty: all
  bool operator==(const WorkerPlace&) const = default;
};

// What a worker must be told to see its GPU alone: the GPUs go round. Nothing where the experiment names a GPU by number ("cuda:1"), takes none,
// or there is one.
std::map<std::string, std::string> gpu_of_worker(const std::string& device, const std::vector<std::string>& gpus, std::size_t number);

// This machine divided among `workers`.
std::vector<WorkerPlace> divide_machine(std::int64_t workers, std::int64_t threads, const std::string& device, const std::vector<std::string>& gpus);

}  // namespace temper::launch
