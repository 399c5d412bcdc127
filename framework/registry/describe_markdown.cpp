// Plugins and options as Markdown: the reference pages.
#include "registry/describe_text.h"

namespace temper::registry {

namespace {

// In a cell of a table.
std::string cell(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

std::string code(const std::string& text) { return '`' + text + '`'; }

void write_rows(const OptionSchema& options, const std::string& prefix, std::string& text) {
  for (const OptionSpec& spec : options) {
    std::string help = spec.help;
    for (const std::string& alias : spec.aliases) help += (&alias == &spec.aliases.front() ? " Also accepted as " : ", ") + code(alias);
    if (!spec.aliases.empty()) help += '.';
    if (!spec.counts_for_identity) help += " Not part of a trial's identity.";
    std::string value = default_text(spec);
    if (spec.type == OptionType::kTable) value.clear();
    else if (!spec.is_required && !spec.default_value.is_null()) value = code(value);
    text += "| " + code(prefix + spec.name) + " | " + cell(type_text(spec)) + " | " + cell(value) + " | " + cell(help) + " |\n";
    write_rows(spec.children, prefix + spec.name + '.', text);
  }
}

}  // namespace

std::string options_markdown(const OptionSchema& options) {
  std::string text = "| option | type | default | meaning |\n|---|---|---|---|\n";
  write_rows(options, {}, text);
  return text;
}

std::string plugin_markdown(const Plugin& plugin, const OptionSchema& options, int level) {
  std::string text = std::string(static_cast<std::size_t>(level), '#') + ' ' + plugin.name() + "\n\n" + plugin.manifest.summary + "\n\n";
  std::string claims;
  for (const std::string& claim : plugin.manifest.claims) claims += (claims.empty() ? "" : ", ") + code(claim);
  if (!claims.empty()) text += "For " + claims + ".\n\n";
  return text + (options.empty() ? "It has no options.\n" : options_markdown(options));
}

std::string kind_markdown(const Registry& registry, const std::string& kind) {
  std::vector<const Plugin*> plugins;
  for (const std::string& name : registry.names(kind)) plugins.push_back(&registry.find(kind, name));
  registry.describe_all(plugins);
  std::string text = "# Plugins of kind " + kind + "\n\nWritten by `temper plugins --markdown " + kind + "` from what the plugins declare.\n";
  for (const Plugin* plugin : plugins) text += '\n' + plugin_markdown(*plugin, registry.describe(*plugin));
  return text;
}

}  // namespace temper::registry
