// Finds the plugin libraries of folders by reading their manifests; loads nothing.
#pragma once

#include <filesystem>
#include <vector>

#include "registry/registry.h"

namespace temper::registry {

// By kind and name; what cannot be used has its problem, also two of one kind and name. A library that is reached twice counts once.
std::vector<Plugin> scan(const std::vector<std::filesystem::path>& folders);

}  // namespace temper::registry
