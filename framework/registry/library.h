// Loads a vetted plugin library into this process.
#pragma once

#include <filesystem>

#include <temper/plugin.h>

#include "registry/manifest.h"

namespace temper::registry {

// Whether a library that uses libtorch may be loaded into a process that has not loaded libtorch yet.
enum class BringTorch { kNo, kYes };

// The library's descriptor, checked. The library stays loaded until the process ends, because objects and code of it may live
// anywhere. Throws Error for a library that the loader refuses (naming the symbol that is lacking) or whose descriptor differs
// from its manifest. A library that crashes while it is loaded crashes the process.
const PluginDescriptor& load_library(const std::filesystem::path& library, const Manifest& manifest, BringTorch bring_torch = BringTorch::kNo);

// Loads the library, with libtorch if it needs it, and asks it for its options. Throws Error also for a declaration that is wrong in itself.
OptionSchema declared_by(const std::filesystem::path& library, const Manifest& manifest);
OptionSchema declared_by(const PluginDescriptor& descriptor, const std::filesystem::path& library);

}  // namespace temper::registry
