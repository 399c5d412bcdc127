// Reads manifests and says whether a library fits this program.
#include "registry/manifest.h"

#include <temper/kinds.h>
#include <temper/plugin.h>

#include <charconv>
#include <sstream>

#include "registry/elf_file.h"

namespace temper::registry {

namespace {

constexpr std::string_view kFirstLine = "temper-plugin 1";

[[noreturn]] void fail(const std::filesystem::path& library, const std::string& what, const std::string& remedy = {}) {
  throw Error({Problem{{library.filename().string(), 0, 0}, what, remedy}});
}

std::string until_nul(std::string text) {
  if (const std::size_t end = text.find('\0'); end != std::string::npos) text.resize(end);
  return text;
}

// Names end up in tables, paths of HDF5 and on the command line.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 100) return false;
  for (const unsigned char c : name)
    if (!(std::isalnum(c) || c == '_' || c == '-' || c == '.')) return false;
  return true;
}

std::optional<int> known_interface_version(std::string_view kind) {
  if (kind == TEMPER_KIND_Dataset) return TEMPER_INTERFACE_Dataset;
  if (kind == TEMPER_KIND_Metric) return TEMPER_INTERFACE_Metric;
  if (kind == TEMPER_KIND_Model) return TEMPER_INTERFACE_Model;
  if (kind == TEMPER_KIND_Strategy) return TEMPER_INTERFACE_Strategy;
  if (kind == TEMPER_KIND_Tokenizer) return TEMPER_INTERFACE_Tokenizer;
  return std::nullopt;
}

std::string rebuild(const std::filesystem::path& library) {
  std::string target = library.stem().string();
  if (target.starts_with("lib")) target.erase(0, 3);
  return "rebuild it: cmake --build build --target " + target;
}

}  // namespace

std::optional<std::string> read_section(const std::filesystem::path& library, std::string_view section) {
  std::optional<std::string> bytes = ElfFile(library).section(section);
  if (bytes) *bytes = until_nul(std::move(*bytes));
  return bytes;
}

Manifest read_manifest(const std::filesystem::path& library) {
  ElfFile file(library);
  const std::optional<std::string> bytes = file.section(".temper_manifest");
  if (!bytes) fail(library, "no temper plugin: it has no manifest", "end its source with TEMPER_PLUGIN(...), or remove it from the plugin folder");
  std::istringstream lines(until_nul(*bytes));
  std::string line;
  if (!std::getline(lines, line) || line != kFirstLine)
    fail(library, "its manifest begins with \"" + line.substr(0, 40) + "\", wanted \"" + std::string(kFirstLine) + '"', rebuild(library));
  Manifest manifest;
  std::string version;
  while (std::getline(lines, line)) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string key = line.substr(0, equals), value = line.substr(equals + 1);
    if (key == "kind") manifest.kind = value;
    if (key == "name") manifest.name = value;
    if (key == "interface") version = value;
    if (key == "abi") manifest.abi = value;
    if (key == "torch") manifest.torch = value;
    if (key == "summary") manifest.summary = value;
  }
  if (!is_name(manifest.kind)) fail(library, "its manifest names no kind of plugin (\"" + manifest.kind.substr(0, 40) + "\")", rebuild(library));
  if (!is_name(manifest.name)) fail(library, "\"" + manifest.name.substr(0, 40) + "\" is no name for a plugin", "use letters, digits, \"_\", \"-\" and \".\"");
  const auto parsed = std::from_chars(version.data(), version.data() + version.size(), manifest.interface_version);
  if (parsed.ec != std::errc() || parsed.ptr != version.data() + version.size())
    fail(library, "its manifest has the interface version \"" + version.substr(0, 40) + "\", wanted a number", rebuild(library));
  if (const std::optional<std::string> claims = file.section(".temper_claims")) {
    std::istringstream words(until_nul(*claims));
    for (std::string word; words >> word;) manifest.claims.push_back(word);
  }
  return manifest;
}

Host this_host() { return {TEMPER_CXX_ABI, TEMPER_BUILD_TORCH_VERSION, known_interface_version}; }

std::optional<Problem> misfit(const Manifest& manifest, const std::filesystem::path& library, const Host& host) {
  const Place place{library.filename().string(), 0, 0};
  const std::optional<int> version = host.interface_version(manifest.kind);
  if (version && manifest.interface_version != *version)
    return Problem{place, "built for version " + std::to_string(manifest.interface_version) + " of the " + manifest.kind +
                   " interface, this temper has version " + std::to_string(*version), rebuild(library)};
  if (manifest.abi != host.abi)
    return Problem{place, "built for the C++ ABI " + manifest.abi + ", this temper has " + host.abi, rebuild(library) + " with the compiler that built temper"};
  if (!manifest.torch.empty() && manifest.torch != host.torch)
    return Problem{place, "built for libtorch " + manifest.torch + ", this temper runs " + host.torch, rebuild(library)};
  return std::nullopt;
}

}  // namespace temper::registry
