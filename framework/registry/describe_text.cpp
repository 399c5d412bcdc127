// Aligned text of plugins and options for the terminal.
#include "registry/describe_text.h"

#include <algorithm>
#include <sstream>

namespace temper::registry {

namespace {

// Words of `text` in lines of at most `width` columns, each after `indent` blanks; a longer word gets a line of its own.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  std::istringstream words(text);
  std::string result, line;
  const auto finish = [&] {
    result += std::string(indent, ' ') + line + '\n';
    line.clear();
  };
  for (std::string word; words >> word;) {
    if (!line.empty() && indent + line.size() + 1 + word.size() > width) finish();
    line += (line.empty() ? "" : " ") + word;
  }
  if (!line.empty()) finish();
  return result;
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string number(double value) {
  std::string text = to_toml(value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string type_name(const OptionSpec& spec) {
  switch (spec.type) {
    case OptionType::kBool: return "true or false";
    case OptionType::kInteger: return "integer";
    case OptionType::kFloat: return "number";
    case OptionType::kString: return spec.choices.empty() ? "string" : "";
    case OptionType::kPath: return "path";
    case OptionType::kTable: return "table";
    case OptionType::kPlugin: return spec.plugin_kind + " plugin";
    default: return spec.or_number ? "" : "table of strings";
  }
}

std::size_t longest_path(const OptionSchema& options, std::size_t prefix) {
  std::size_t longest = 0;
  for (const OptionSpec& spec : options) {
    longest = std::max(longest, prefix + spec.name.size());
    longest = std::max(longest, longest_path(spec.children, prefix + spec.name.size() + 1));
  }
  return longest;
}

void write_options(const OptionSchema& options, const std::string& prefix, std::size_t column, std::size_t width, std::string& text) {
  for (const OptionSpec& spec : options) {
    std::string facts = type_text(spec);
    if (spec.type != OptionType::kTable) facts += spec.is_required ? "; required" : "; default " + default_text(spec);
    const std::string first = wrapped(facts, column, width);
    text += "  " + padded(prefix + spec.name, column - 2) + first.substr(column);
    text += wrapped(spec.help, column, width);
    if (!spec.aliases.empty()) {
      std::string names;
      for (const std::string& alias : spec.aliases) names += (names.empty() ? "" : ", ") + alias;
      text += wrapped("Also accepted as " + names + '.', column, width);
    }
    write_options(spec.children, prefix + spec.name + '.', column, width, text);
  }
}

}  // namespace

std::string type_text(const OptionSpec& spec) {
  std::string text = type_name(spec);
  for (std::size_t i = 0; i < spec.choices.size(); ++i) text += (i == 0 ? "" : i + 1 == spec.choices.size() ? " or " : ", ") + ('"' + spec.choices[i] + '"');
  if (spec.or_number) text += spec.type == OptionType::kStringMap ? " or table of numbers" : " or number";
  if (spec.scalar_means_each && spec.array_depth == 0) text += ", or one value for all of it";
  if (spec.array_depth > 0 && !text.empty() && text.back() >= 'a' && text.back() <= 'z' && spec.type != OptionType::kBool) text += 's';
  for (int depth = 0; depth < spec.array_depth; ++depth) text = (depth + 1 == spec.array_depth ? "array of " : "arrays of ") + text;
  if (spec.scalar_means_each && spec.array_depth > 0) text += ", or one alone";
  if (spec.minimum) text += (spec.minimum_is_exclusive ? ", above " : ", at least ") + number(*spec.minimum);
  if (spec.maximum) text += (spec.maximum_is_exclusive ? ", below " : ", at most ") + number(*spec.maximum);
  if (!spec.unit.empty()) text += ", in " + spec.unit;
  return text;
}

std::string default_text(const OptionSpec& spec) {
  if (spec.is_required) return "required";
  return spec.default_value.is_null() ? "none" : to_toml(spec.default_value);
}

std::string options_text(const OptionSchema& options, int width) {
  std::string text;
  write_options(options, {}, longest_path(options, 0) + 4, static_cast<std::size_t>(width), text);
  return text;
}

std::string plugin_text(const Plugin& plugin, const OptionSchema& options, int width) {
  std::string text = plugin.kind() + ' ' + plugin.name() + '\n' + wrapped(plugin.manifest.summary, 2, static_cast<std::size_t>(width));
  std::string claims;
  for (const std::string& claim : plugin.manifest.claims) claims += (claims.empty() ? "" : ", ") + claim;
  if (!claims.empty()) text += "  for      " + claims + '\n';
  text += "  library  " + plugin.library.string() + '\n';
  if (plugin.uses_torch()) text += "  torch    " + plugin.manifest.torch + '\n';
  return text + (options.empty() ? "\nno options\n" : "\noptions\n" + options_text(options, width));
}

std::string list_text(const Registry& registry, int width) {
  std::size_t longest = 0;
  for (const Plugin& plugin : registry.plugins())
    if (!plugin.problem) longest = std::max(longest, plugin.name().size());
  std::string text, kind, problems;
  for (const Plugin& plugin : registry.plugins()) {
    if (plugin.problem) {
      const Problem& problem = *plugin.problem;
      problems += wrapped(plugin.library.string(), 2, 0) + wrapped(problem.what, 4, static_cast<std::size_t>(width)) +
                  wrapped(problem.remedy, 6, static_cast<std::size_t>(width));
      continue;
    }
    if (plugin.kind() != kind) text += (kind.empty() ? "" : "\n") + plugin.kind() + '\n';
    kind = plugin.kind();
    const std::string summary = wrapped(plugin.manifest.summary, longest + 4, static_cast<std::size_t>(width));
    text += "  " + padded(plugin.name(), longest + 2) + (summary.empty() ? "\n" : summary.substr(longest + 4));
  }
  if (!problems.empty()) text += (text.empty() ? "" : "\n") + ("cannot be used\n" + problems);
  return text;
}

}  // namespace temper::registry
