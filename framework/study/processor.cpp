// Reads /proc/cpuinfo.
#include "study/processor.h"

#include <fstream>
#include <sstream>

namespace temper::study {

namespace {

// The first line of this name.
std::string line_named(const std::string& name) {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos && line.starts_with(name)) return line.substr(colon + 2);
  }
  return {};
}

}  // namespace

std::string processor_name() { return line_named("model name"); }

std::string instruction_sets() {
  std::istringstream words(line_named("flags"));
  std::string found;
  for (std::string word; words >> word;) {
    for (const char* wanted : {"avx2", "avx512f", "avx512_bf16", "amx_bf16"})
      if (word == wanted) found += (found.empty() ? "" : " ") + word;
  }
  return found;
}

}  // namespace temper::study
