// Peak memory by Linux's /proc (proc(5): VmHWM; writing 5 to clear_refs resets it).
#include "study/peak_memory.h"

#include <fstream>
#include <string>

namespace temper::study {

PeakMemory::PeakMemory() { std::ofstream("/proc/self/clear_refs") << "5"; }

std::int64_t PeakMemory::bytes() const {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;  // "VmHWM:   123 kB"
  }
  return 0;
}

}  // namespace temper::study
