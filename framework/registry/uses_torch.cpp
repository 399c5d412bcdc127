// Manifests tell, without loading anything that uses torch.
#include "registry/uses_torch.h"

#include <algorithm>

#include "registry/registry.h"

namespace temper::registry {

namespace {

bool any_uses_torch(const Registry& registry, const OptionSchema& schema, const Value& options) {
  return std::any_of(schema.begin(), schema.end(), [&](const OptionSpec& spec) {
    const Value* given = options.is_table() ? options.find(spec.name) : nullptr;
    const Value& value = given ? *given : spec.default_value;
    const Value::Array several = value.is_array() ? value.as_array() : Value::Array{value};
    return std::any_of(several.begin(), several.end(), [&](const Value& one) {
      if (spec.type == OptionType::kTable) return any_uses_torch(registry, spec.children, one);
      const Value* inner = spec.type == OptionType::kPlugin && one.is_table() ? one.find("plugin") : nullptr;
      return inner && inner->is_string() && uses_torch(registry, spec.plugin_kind, inner->as_string(), one);
    });
  });
}

}  // namespace

bool uses_torch(const Registry& registry, const std::string& kind, const std::string& name, const Value& options) {
  const Plugin& plugin = registry.find(kind, name);
  return plugin.uses_torch() || any_uses_torch(registry, registry.describe(plugin), options);
}

}  // namespace temper::registry
