// Whether a plugin, or one inside it, needs torch: the coordinator must not load it then.
#pragma once

#include <string>

#include <temper/value.h>

namespace temper::registry {

class Registry;

// `options`: as written or complete. Options of plugins inside are looked at, at any depth. Throws Error when there is no such plugin.
bool uses_torch(const Registry& registry, const std::string& kind, const std::string& name, const Value& options);

}  // namespace temper::registry
