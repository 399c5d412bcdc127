// Loads a vetted plugin library into this process.
#pragma once

#include <filesystem>

#include <temper/plugin.h>

#include "registry/manifest.h"

namespace temper::registry {

// The library's descriptor, checked. The library stays loaded until the process ends, because objects and code of it may live
// anywhere. Throws Error for a library that the loader refuses (naming the symbol that is lacking) or whose descriptor differs
// from its manifest. A library that crashes while it is loaded crashes the process.
const PluginDescriptor& load_library(const std::filesystem::path& library, const Manifest& manifest);

// Loads the library and asks it for its options. Throws Error also for a declaration that is wrong in itself.
OptionSchema declared_by(const std::filesystem::path& library, const Manifest& manifest);
OptionSchema declared_by(const PluginDescriptor& descriptor, const std::filesystem::path& library);

}  // namespace temper::registry
