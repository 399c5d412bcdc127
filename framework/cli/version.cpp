// Versions, processor and plugin folders.
#include "cli/version.h"

#include <sstream>

#include "registry/registry.h"
#include "study/processor.h"

namespace temper::cli {

namespace {

std::string processor() {
  const std::string sets = study::instruction_sets();
  return study::processor_name() + (sets.empty() ? "" : " (" + sets + ")");
}

}  // namespace

std::string version_text() {
  std::ostringstream out;
  out << "temper " << TEMPER_VERSION << "\nlibtorch " << TEMPER_BUILD_TORCH_VERSION << "\nprocessor " << processor() << '\n';
  for (const auto& folder : registry::plugin_folders()) out << "plugins " << folder.string() << '\n';
  return out.str();
}

}  // namespace temper::cli
