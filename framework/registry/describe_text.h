// Plugins and their options as text: for the terminal, and as the pages of docs/reference. Both come from the declarations.
#pragma once

#include <string>

#include <temper/options.h>

#include "registry/registry.h"

namespace temper::registry {

// `temper plugins`: a line per plugin, by kind; then the libraries that cannot be used, with their problems. `width` in columns.
std::string list_text(const Registry& registry, int width = 100);

// `temper plugins NAME`: what it is, where it lies, and each option with type, default, bounds and help.
std::string plugin_text(const Plugin& plugin, const OptionSchema& options, int width = 100);
// Only the options, as for a table of the framework's own.
std::string options_text(const OptionSchema& options, int width = 100);

// "integer, at least 1, in tokens".
std::string type_text(const OptionSpec& spec);
// "required", "none", or the default as TOML
std::string default_text(const OptionSpec& spec);

// A section of a reference page: a heading of `level`, the summary, a table of options.
std::string plugin_markdown(const Plugin& plugin, const OptionSchema& options, int level = 2);
std::string options_markdown(const OptionSchema& options);
// The reference page of a kind: all its usable plugins. Throws Error for one that cannot be described.
std::string kind_markdown(const Registry& registry, const std::string& kind);

}  // namespace temper::registry
