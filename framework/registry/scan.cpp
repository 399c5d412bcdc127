// scan and plugin_folders.
#include "registry/scan.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <tuple>

namespace temper::registry {

namespace {

Plugin look_at(const std::filesystem::path& library, const Host& host) {
  Plugin plugin;
  plugin.library = library;
  try {
    plugin.manifest = read_manifest(library);
    plugin.problem = misfit(plugin.manifest, library, host);
  } catch (const Error& error) {
    plugin.problem = error.problems().front();
  }
  return plugin;
}

// Neither is taken: which one would win is nothing that a user can see.
void report_twins(std::vector<Plugin>& plugins) {
  for (auto first = plugins.begin(); first != plugins.end();) {
    const auto last = std::find_if(first, plugins.end(), [&](const Plugin& p) { return p.kind() != first->kind() || p.name() != first->name(); });
    if (last - first > 1 && !first->name().empty()) {
      std::string paths;
      for (auto twin = first; twin != last; ++twin) paths += (paths.empty() ? "" : twin + 1 == last ? " and " : ", ") + twin->library.string();
      for (auto twin = first; twin != last; ++twin)
        twin->problem = Problem{{}, std::to_string(last - first) + ' ' + twin->kind() + " plugins are called \"" + twin->name() + "\": " + paths, "remove or rename one"};
    }
    first = last;
  }
}

}  // namespace

std::vector<std::filesystem::path> plugin_folders() {
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
  std::vector<std::filesystem::path> folders = {program.parent_path().parent_path() / "lib" / "temper" / "plugins"};
  const char* more = std::getenv("TEMPER_PLUGIN_PATH");
  std::string_view rest = more ? more : "";
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    if (colon > 0) folders.emplace_back(rest.substr(0, colon));
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return folders;
}

std::vector<Plugin> scan(const std::vector<std::filesystem::path>& folders) {
  const Host host = this_host();
  std::vector<Plugin> plugins;
  std::set<std::filesystem::path> seen;
  for (const std::filesystem::path& folder : folders) {
    std::error_code error;
    std::vector<std::filesystem::path> libraries;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
      if (entry->path().extension() == ".so") libraries.push_back(std::filesystem::absolute(entry->path()).lexically_normal());
    if (error) {
      Plugin missing;
      missing.library = folder;
      missing.problem = Problem{{folder.string(), 0, 0}, "cannot be read as a plugin folder: " + error.message(), "correct TEMPER_PLUGIN_PATH"};
      plugins.push_back(std::move(missing));
    }
    for (const std::filesystem::path& library : libraries) {
      const std::filesystem::path real = std::filesystem::weakly_canonical(library, error);
      if (seen.insert(error ? library : real).second) plugins.push_back(look_at(library, host));
    }
  }
  std::sort(plugins.begin(), plugins.end(), [](const Plugin& a, const Plugin& b) {
    const auto order = [](const Plugin& p) { return std::tuple(p.name().empty(), p.kind(), p.name(), p.library); };
    return order(a) < order(b);
  });
  report_twins(plugins);
  return plugins;
}

}  // namespace temper::registry
