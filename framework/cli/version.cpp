// Versions, processor and plugin folders.
#include "cli/version.h"

#include <fstream>
#include <sstream>

#include "registry/registry.h"

namespace temper::cli {

namespace {

// The features of the processor that decide which kernels run.
std::string cpu_features() {
  std::ifstream info("/proc/cpuinfo");
  std::string model, found;
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) continue;
    if (line.starts_with("model name") && model.empty()) model = line.substr(colon + 2);
    if (!line.starts_with("flags") || !found.empty()) continue;
    std::istringstream words(line.substr(colon + 2));
    for (std::string word; words >> word;) {
      for (const char* wanted : {"avx2", "avx512f", "avx512_bf16", "amx_bf16"}) {
        if (word == wanted) found += (found.empty() ? "" : " ") + word;
      }
    }
  }
  return model + (found.empty() ? "" : " (" + found + ")");
}

}  // namespace

std::string version_text() {
  std::ostringstream out;
  out << "temper " << TEMPER_VERSION << "\nlibtorch " << TEMPER_BUILD_TORCH_VERSION << "\nprocessor " << cpu_features() << '\n';
  for (const auto& folder : registry::plugin_folders()) out << "plugins " << folder.string() << '\n';
  return out.str();
}

}  // namespace temper::cli
