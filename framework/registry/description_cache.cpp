// DescriptionCache: one JSON file per library content, written as tmp and renamed.
#include "registry/description.h"

#include <dlfcn.h>
#include <unistd.h>
#include <xxhash.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

namespace temper::registry {

namespace {

constexpr int kFormat = 1;  // raised when the meaning of an entry changes

using HashState = std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)>;

bool add_file(XXH3_state_t* state, const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::array<char, 1 << 16> buffer;
  while (stream) {
    stream.read(buffer.data(), buffer.size());
    XXH3_128bits_update(state, buffer.data(), static_cast<std::size_t>(stream.gcount()));
  }
  return stream.eof();
}

// Declarations may call functions of libtemper_base, so its content counts too.
std::filesystem::path own_library() {
  Dl_info info{};
  return ::dladdr(reinterpret_cast<const void*>(&describe_in_child), &info) && info.dli_fname ? info.dli_fname : "";
}

}  // namespace

std::filesystem::path DescriptionCache::default_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache == '/') return std::filesystem::path(cache) / "temper" / "descriptions";  // relative ones are to be ignored (XDG)
  const char* home = std::getenv("HOME");
  return home && *home ? std::filesystem::path(home) / ".cache" / "temper" / "descriptions" : std::filesystem::path();
}

std::filesystem::path DescriptionCache::entry(const std::filesystem::path& library) const {
  if (folder_.empty()) return {};
  const HashState state(XXH3_createState(), XXH3_freeState);
  XXH3_128bits_reset(state.get());
  if (!add_file(state.get(), own_library()) || !add_file(state.get(), library)) return {};
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  std::array<char, 33> name;
  std::snprintf(name.data(), name.size(), "%016llx%016llx", static_cast<unsigned long long>(hash.high64), static_cast<unsigned long long>(hash.low64));
  return folder_ / (std::string(name.data()) + ".json");
}

std::optional<OptionSchema> DescriptionCache::find(const std::filesystem::path& library) const {
  const std::filesystem::path file = entry(library);
  if (file.empty()) return std::nullopt;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  std::ostringstream text;
  text << stream.rdbuf();
  try {
    const Value value = parse_json(text.str());
    const Value* format = value.find("format");
    const Value* options = value.find("options");
    if (format && options && *format == Value(kFormat)) return schema_from_value(*options);
  } catch (const Error&) {
    // A broken entry is written anew.
  }
  return std::nullopt;
}

void DescriptionCache::store(const std::filesystem::path& library, const OptionSchema& schema) const {
  const std::filesystem::path file = entry(library);
  if (file.empty()) return;
  Value value = Value::Table();
  value.set("format", kFormat);
  value.set("library", library.filename().string());  // for the curious reader
  value.set("options", to_value(schema));
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  std::filesystem::path temporary = file;
  temporary += '.' + std::to_string(::getpid()) + ".tmp";
  std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
  stream << to_json(value) << '\n';
  stream.close();
  if (stream) std::filesystem::rename(temporary, file, error);
  if (!stream || error) std::filesystem::remove(temporary, error);
}

}  // namespace temper::registry
