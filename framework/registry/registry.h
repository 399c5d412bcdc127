// The plugins of this program: found by reading their manifests, loaded only when one is asked for.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <temper/options.h>
#include <temper/plugin.h>

#include "registry/manifest.h"

namespace temper::registry {

// A library in a plugin folder. A broken one is kept with its problem: it must not keep the others from being used.
struct Plugin {
  Manifest manifest;              // empty where it could not be read
  std::filesystem::path library;  // absolute
  std::optional<Problem> problem;  // why it cannot be used
  const std::string& kind() const { return manifest.kind; }
  const std::string& name() const { return manifest.name; }
  bool uses_torch() const { return !manifest.torch.empty(); }
};

// Where a library is loaded first. The coordinator must survive any plugin, so there a child tries it before it does.
enum class FirstLoad { kHere, kInChild };

struct RegistryOptions {
  FirstLoad first_load = FirstLoad::kHere;
  std::filesystem::path worker{};                      // temper-worker; empty: beside the running program
  std::filesystem::path cache{};                       // of descriptions; empty: ${XDG_CACHE_HOME:-~/.cache}/temper/descriptions
  std::chrono::milliseconds child_limit{60'000};       // how long one library may take to load and describe itself
};

// What to do with keys that a plugin does not declare: config.json has many that mean nothing to a model.
enum class UnknownKeys { kReject, kIgnore };

// build/lib/temper/plugins, as seen from the running program, then the folders of TEMPER_PLUGIN_PATH (colons between them).
std::vector<std::filesystem::path> plugin_folders();

// Thread-safe. Plugins that it made may outlive it: libraries are never unloaded.
class Registry {
 public:
  explicit Registry(const std::vector<std::filesystem::path>& folders = plugin_folders(), RegistryOptions options = {});
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Everything that was found, by kind and name; those whose manifest could not be read come last.
  const std::vector<Plugin>& plugins() const;
  std::vector<std::string> kinds() const;
  // The usable ones.
  std::vector<std::string> names(std::string_view kind) const;
  // By name, or KIND/NAME; of all kinds. Throws Error when there is none.
  std::vector<const Plugin*> named(std::string_view name) const;

  // `name` may be KIND/NAME. Throws Error when there is none ("did you mean"), more than one (both paths), or it cannot be used.
  const Plugin& find(std::string_view kind, std::string_view name) const;
  // Throws the problem of a plugin of this name that cannot be used; also of a library that can tell no name, by that of its file.
  void throw_if_broken(std::string_view kind, std::string_view name) const;
  // The usable plugin that claims a model_type or a tokenizer format; nullptr when there is none, Error when there are several.
  const Plugin* find_claim(std::string_view kind, std::string_view claim) const;
  // All claims of the usable plugins of a kind, sorted: what a message can say is known.
  std::vector<std::string> claims(std::string_view kind) const;

  // The declared options. With FirstLoad::kInChild a temper-worker is asked, once per content of the library (the answer is
  // cached on disk). Throws Error when the library cannot be loaded, also when it crashes, exits or hangs.
  const OptionSchema& describe(std::string_view kind, std::string_view name) const;
  const OptionSchema& describe(const Plugin& plugin) const;
  // The same for many, with as few children as possible. Problems are not thrown here but by `describe`.
  void describe_all(const std::vector<const Plugin*>& plugins) const;

  // The options of a plugin, completed with defaults; plugins inside are checked too. `where` as in temper::checked.
  Value check(std::string_view kind, std::string_view name, const Value& options, const std::string& where, Problems& problems) const;

  // Makes a plugin. Options are checked and completed. Throws Error with everything that is wrong with them.
  template <class K>
  std::unique_ptr<K> create(std::string_view name, const Value& options = Value::Table(), UnknownKeys unknown = UnknownKeys::kReject) const {
    return std::unique_ptr<K>(static_cast<K*>(create(KindOf<K>::name, KindOf<K>::interface_version, name, options, unknown)));
  }
  void* create(std::string_view kind, int interface_version, std::string_view name, const Value& options, UnknownKeys unknown) const;

 private:
  struct Loaded;
  struct State;
  const PluginDescriptor& load(const Plugin& plugin) const;
  std::unique_ptr<State> state_;
};

// The registry of the running program: scanned when it is first used. The worker, tests and plugins that hold plugins use it;
// the coordinator has one of its own, with FirstLoad::kInChild.
const Registry& installed();

}  // namespace temper::registry
