// The cache of indexes: a folder per content hash, with the plugin's files and a hash over them.
#include "retrieval/index_cache.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <dlfcn.h>
#include <unistd.h>
#include <xxhash.h>

#include <temper/error.h>

#include "data/atomic_file.h"
#include "data/content_hash.h"
#include "registry/registry.h"

namespace temper::retrieval {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFormat = "temper-index 1";
constexpr const char* kFiles = "index";  // the plugin's own
constexpr const char* kSeal = "hash";    // over them

// Each part with its length, so that no two lists of parts read the same.
class Key {
 public:
  Key() : state_(XXH3_createState(), XXH3_freeState) { XXH3_128bits_reset(state_.get()); }
  void add(std::string_view part) {
    const std::uint64_t size = part.size();
    XXH3_128bits_update(state_.get(), &size, sizeof size);
    XXH3_128bits_update(state_.get(), part.data(), part.size());
  }
  std::string digits() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    std::array<char, 33> text;
    std::snprintf(text.data(), text.size(), "%016llx%016llx", static_cast<unsigned long long>(hash.high64), static_cast<unsigned long long>(hash.low64));
    return text.data();
  }

 private:
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_;
};

void add_plugin(Key& key, const registry::Registry& registry, const std::string& kind, const std::string& name, const Value& options);

void add_options(Key& key, const registry::Registry& registry, const OptionSchema& schema, const Value& options) {
  for (const OptionSpec& spec : schema) {
    const Value* value = options.find(spec.name);
    if (!value) continue;
    if (spec.type == OptionType::kTable && value->is_table()) add_options(key, registry, spec.children, *value);
    // An array holds several: each counts.
    const Value::Array several = value->is_array() ? value->as_array() : Value::Array{*value};
    for (const Value& one : several) {
      if (spec.type == OptionType::kPath && one.is_string() && fs::exists(one.as_string())) key.add(data::content_hash(one.as_string()));
      const Value* inner = spec.type == OptionType::kPlugin && one.is_table() ? one.find("plugin") : nullptr;
      if (inner && inner->is_string()) add_plugin(key, registry, spec.plugin_kind, inner->as_string(), one);
    }
  }
}

// Plugins call functions of libtemper_base, whose changes count as theirs.
fs::path own_library() {
  Dl_info info{};
  return ::dladdr(reinterpret_cast<const void*>(&default_index_cache), &info) && info.dli_fname ? info.dli_fname : "";
}

// A plugin that uses torch calls functions of libtemper, which in turn open models and tokenizers by plugins.
void add_what_torch_plugins_call(Key& key, const registry::Registry& registry) {
  const fs::path library = own_library().replace_filename("libtemper.so");
  if (fs::exists(library)) key.add(data::content_hash(library));
  for (const registry::Plugin& plugin : registry.plugins()) {
    if (!plugin.problem && (plugin.kind() == "model" || plugin.kind() == "tokenizer")) key.add(data::content_hash(plugin.library));
  }
}

void add_plugin(Key& key, const registry::Registry& registry, const std::string& kind, const std::string& name, const Value& options) {
  const registry::Plugin& plugin = registry.find(kind, name);
  key.add(data::content_hash(plugin.library));
  if (plugin.uses_torch()) {
    key.add(plugin.manifest.torch);
    add_what_torch_plugins_call(key, registry);
  }
  add_options(key, registry, registry.describe(plugin), options);
}

std::string key_of(const registry::Registry& registry, const std::string& plugin, const Value& options, std::span<const Passage> corpus) {
  Key key;
  key.add(kFormat);
  key.add(data::content_hash(own_library()));
  key.add(to_json(options));
  add_plugin(key, registry, KindOf<Retriever>::name, plugin, options);
  for (const Passage& passage : corpus) {
    key.add(passage.id);
    key.add(passage.text);
  }
  return key.digits();
}

Value checked_options(const registry::Registry& registry, const std::string& plugin, const Value& options) {
  Problems problems;
  Value complete = registry.check(KindOf<Retriever>::name, plugin, options, plugin, problems);
  problems.throw_if_any();
  return complete;
}

bool load(Retriever& retriever, const fs::path& entry, std::size_t passages) {
  std::error_code error;
  if (!fs::is_directory(entry / kFiles, error)) return false;
  try {
    if (data::read_file(entry / kSeal) != data::content_hash(entry / kFiles)) return false;
    retriever.load(entry / kFiles);
    return retriever.size() == static_cast<std::int64_t>(passages);
  } catch (const Error&) {
    return false;  // damaged: made anew
  }
}

// Written under a name of this process, then renamed: whoever looks sees the whole index or none. That it cannot be kept (a full
// disk, no rights) costs time the next time, so it is no error.
void store(const Retriever& retriever, const fs::path& entry) {
  static std::atomic<unsigned> counter{0};
  fs::path temporary = entry;
  temporary += '.' + std::to_string(::getpid()) + '.' + std::to_string(counter++) + ".tmp";
  std::error_code error;
  try {
    fs::create_directories(temporary / kFiles);
    retriever.save(temporary / kFiles);
    data::write_file_atomically(temporary / kSeal, data::content_hash(temporary / kFiles));
    fs::rename(temporary, entry, error);
    if (error) {  // something is there: another process was faster, or it is damaged; ours is as good as the former, better than the latter
      fs::remove_all(entry);
      fs::rename(temporary, entry);
    }
  } catch (const Error&) {
  } catch (const fs::filesystem_error&) {
  }
  fs::remove_all(temporary, error);
}

}  // namespace

fs::path default_index_cache() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache == '/') return fs::path(cache) / "temper" / "indexes";  // relative ones are to be ignored (XDG)
  const char* home = std::getenv("HOME");
  return home && *home ? fs::path(home) / ".cache" / "temper" / "indexes" : fs::path();
}

std::string index_key(const registry::Registry& registry, const std::string& plugin, const Value& options, std::span<const Passage> corpus) {
  return key_of(registry, plugin, checked_options(registry, plugin, options), corpus);
}

IndexedRetriever indexed_retriever(const registry::Registry& registry, const std::string& plugin, const Value& options,
                                   std::span<const Passage> corpus, const fs::path& cache) {
  const Value complete = checked_options(registry, plugin, options);
  IndexedRetriever result{registry.create<Retriever>(plugin, complete)};
  fs::path entry;
  if (!cache.empty()) {
    entry = cache / key_of(registry, plugin, complete, corpus);
    if (load(*result.retriever, entry, corpus.size())) {
      result.source = IndexSource::kCache;
      return result;
    }
    result.retriever = registry.create<Retriever>(plugin, complete);  // a load that failed may have left anything
  }
  result.retriever->index(corpus);
  if (!entry.empty()) store(*result.retriever, entry);
  return result;
}

}  // namespace temper::retrieval
