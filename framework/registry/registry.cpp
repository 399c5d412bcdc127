// Registry: finding plugins by name or claim, describing and making them.
#include "registry/registry.h"

#include <temper/registry.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "registry/description.h"
#include "registry/exception_text.h"
#include "registry/library.h"
#include "registry/scan.h"

namespace temper::registry {

// The memory of a registry; libraries and descriptions are kept by path.
struct Registry::State {
  std::vector<Plugin> plugins;
  RegistryOptions options;
  std::recursive_mutex mutex;  // a plugin's constructor may make further plugins
  std::map<std::filesystem::path, const PluginDescriptor*> loaded;
  std::map<std::filesystem::path, Description> descriptions;
};

namespace {

// "KIND/NAME" taken apart; the kind is empty for a bare name.
std::pair<std::string_view, std::string_view> split_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return {{}, name};
  return {name.substr(0, slash), name.substr(slash + 1)};
}

std::string a(std::string_view kind) {
  return (std::string_view("aeiou").find(kind.substr(0, 1)) == std::string_view::npos || kind.empty() ? "a " : "an ") + std::string(kind);
}

std::string list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

Registry::Registry(const std::vector<std::filesystem::path>& folders, RegistryOptions options) : state_(std::make_unique<State>()) {
  state_->plugins = scan(folders);
  state_->options = std::move(options);
  if (state_->options.worker.empty()) state_->options.worker = default_worker();
  if (state_->options.cache.empty()) state_->options.cache = DescriptionCache::default_folder();
}

Registry::~Registry() = default;

const std::vector<Plugin>& Registry::plugins() const { return state_->plugins; }

std::vector<std::string> Registry::kinds() const {
  std::set<std::string> kinds;
  for (const Plugin& plugin : plugins())
    if (!plugin.kind().empty()) kinds.insert(plugin.kind());
  return {kinds.begin(), kinds.end()};
}

std::vector<std::string> Registry::names(std::string_view kind) const {
  std::vector<std::string> names;
  for (const Plugin& plugin : plugins())
    if (plugin.kind() == kind && !plugin.problem) names.push_back(plugin.name());
  return names;
}

std::vector<const Plugin*> Registry::named(std::string_view name) const {
  const auto [kind, bare] = split_name(name);
  std::vector<const Plugin*> found;
  std::vector<std::string> known;
  for (const Plugin& plugin : plugins()) {
    if (plugin.name() == bare && (kind.empty() || plugin.kind() == kind)) found.push_back(&plugin);
    if (!plugin.name().empty()) known.push_back(kind.empty() ? plugin.name() : plugin.kind() + '/' + plugin.name());
  }
  if (!found.empty()) return found;
  for (const Plugin& plugin : plugins())  // a library without a manifest, asked for by the name of its file
    if (plugin.name().empty() && (plugin.library.filename() == bare || plugin.library.stem() == "lib" + std::string(bare))) found.push_back(&plugin);
  if (found.empty()) {
    const std::string remedy = did_you_mean(name, known);
    throw Error("no plugin is called \"" + std::string(name) + '"', remedy.empty() ? "all plugins: temper plugins" : remedy);
  }
  return found;
}

const Plugin& Registry::find(std::string_view kind, std::string_view name) const {
  const auto [given_kind, bare] = split_name(name);
  if (!given_kind.empty() && given_kind != kind) throw Error('"' + std::string(name) + "\" is " + a(given_kind) + ", wanted " + a(kind));
  for (const Plugin& plugin : plugins()) {
    if (plugin.kind() == kind && plugin.name() == bare && !plugin.problem) return plugin;
  }
  throw_if_broken(kind, bare);
  const std::vector<std::string> known = names(kind);
  std::string remedy = did_you_mean(bare, known);
  if (remedy.empty()) remedy = known.empty() ? "there is none of this kind; plugins from elsewhere are found through TEMPER_PLUGIN_PATH" : "there are " + list(known);
  throw Error("no " + std::string(kind) + " plugin is called \"" + std::string(bare) + '"', remedy);
}

void Registry::throw_if_broken(std::string_view kind, std::string_view name) const {
  const std::string stem = "lib" + std::string(name), long_stem = "lib" + std::string(kind) + '_' + std::string(name);
  for (const Plugin& plugin : plugins()) {
    const bool is_named = plugin.kind() == kind && plugin.name() == name;
    const bool is_its_file = plugin.name().empty() && (plugin.library.stem() == stem || plugin.library.stem() == long_stem);
    if (plugin.problem && (is_named || is_its_file)) throw Error({*plugin.problem});
  }
}

const Plugin* Registry::find_claim(std::string_view kind, std::string_view claim) const {
  const Plugin* found = nullptr;
  for (const Plugin& plugin : plugins()) {
    const std::vector<std::string>& claims = plugin.manifest.claims;
    if (plugin.kind() != kind || plugin.problem || std::find(claims.begin(), claims.end(), claim) == claims.end()) continue;
    if (found)
      throw Error("two " + std::string(kind) + " plugins claim \"" + std::string(claim) + "\": " + found->library.string() + " and " + plugin.library.string(),
                  "name one of them with plugin = \"" + found->name() + "\" or \"" + plugin.name() + '"');
    found = &plugin;
  }
  return found;
}

std::vector<std::string> Registry::claims(std::string_view kind) const {
  std::set<std::string> claims;
  for (const Plugin& plugin : plugins())
    if (plugin.kind() == kind && !plugin.problem) claims.insert(plugin.manifest.claims.begin(), plugin.manifest.claims.end());
  return {claims.begin(), claims.end()};
}

const PluginDescriptor& Registry::load(const Plugin& plugin) const {
  const std::lock_guard lock(state_->mutex);
  if (const auto known = state_->loaded.find(plugin.library); known != state_->loaded.end()) return *known->second;
  if (state_->options.first_load == FirstLoad::kInChild) describe(plugin);  // throws when the child did not survive it
  const PluginDescriptor& descriptor = load_library(plugin.library, plugin.manifest);
  state_->loaded[plugin.library] = &descriptor;
  return descriptor;
}

void Registry::describe_all(const std::vector<const Plugin*>& plugins) const {
  const std::lock_guard lock(state_->mutex);
  const bool in_child = state_->options.first_load == FirstLoad::kInChild;
  const DescriptionCache cache(state_->options.cache);
  std::vector<std::filesystem::path> unknown;
  for (const Plugin* plugin : plugins) {
    if (plugin->problem || state_->descriptions.contains(plugin->library)) continue;
    if (!in_child) {
      try {
        state_->descriptions[plugin->library] = declared_by(load(*plugin), plugin->library);
      } catch (const Error& error) {
        state_->descriptions[plugin->library] = error.problems();
      }
    } else if (std::optional<OptionSchema> schema = cache.find(plugin->library)) {
      state_->descriptions[plugin->library] = std::move(*schema);
    } else {
      unknown.push_back(plugin->library);
    }
  }
  if (unknown.empty()) return;
  for (auto& [library, description] : describe_in_child(state_->options.worker, unknown, state_->options.child_limit)) {
    if (const OptionSchema* schema = std::get_if<OptionSchema>(&description)) cache.store(library, *schema);
    state_->descriptions[library] = std::move(description);
  }
}

const OptionSchema& Registry::describe(const Plugin& plugin) const {
  if (plugin.problem) throw Error({*plugin.problem});
  const std::lock_guard lock(state_->mutex);
  describe_all({&plugin});
  const Description& description = state_->descriptions.at(plugin.library);
  if (const auto* problems = std::get_if<std::vector<Problem>>(&description)) throw Error(*problems);
  return std::get<OptionSchema>(description);
}

const OptionSchema& Registry::describe(std::string_view kind, std::string_view name) const { return describe(find(kind, name)); }

void* Registry::create(std::string_view kind, int interface_version, std::string_view name, const Value& options, UnknownKeys unknown) const {
  const Plugin& plugin = find(kind, name);
  const std::string who = plugin.kind() + ' ' + plugin.name();
  const std::string file = plugin.library.filename().string();
  if (plugin.manifest.interface_version != interface_version)  // of a kind that `misfit` does not know
    throw Error({Problem{{file, 0, 0}, "built for version " + std::to_string(plugin.manifest.interface_version) + " of the " + plugin.kind() +
                 " interface, this temper has version " + std::to_string(interface_version), "rebuild it"}});
  const PluginDescriptor& descriptor = load(plugin);
  Value known = options;
  if (unknown == UnknownKeys::kIgnore && options.is_table()) {
    const OptionSchema& schema = describe(plugin);
    std::erase_if(known.as_table(), [&](const auto& member) {
      return std::none_of(schema.begin(), schema.end(), [&](const OptionSpec& spec) {
        return spec.name == member.first || std::find(spec.aliases.begin(), spec.aliases.end(), member.first) != spec.aliases.end();
      });
    });
  }
  Problems problems;
  const Value complete = check(kind, name, known, who, problems);
  problems.throw_if_any();
  try {
    const std::unique_ptr<AnyOptions> fields = descriptor.make_options();
    fill(*fields, complete);
    if (void* made = descriptor.create(*fields)) return made;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error({Problem{{file, 0, 0}, who + " cannot be made: " + exception_text(error), {}}});
  } catch (...) {
    throw Error({Problem{{file, 0, 0}, who + " cannot be made: it threw what is no std::exception", {}}});
  }
  throw Error({Problem{{file, 0, 0}, who + " cannot be made: it gave no object", {}}});
}

const Registry& installed() {
  static const Registry registry;
  return registry;
}

}  // namespace temper::registry

namespace temper {

void* create_plugin(const char* kind, int interface_version, const PluginChoice& choice) {
  return registry::installed().create(kind, interface_version, choice.plugin, choice.options.is_null() ? Value(Value::Table()) : choice.options,
                                      registry::UnknownKeys::kReject);
}

}  // namespace temper
