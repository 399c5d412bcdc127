// Finding a checkpoint and reading what its config.json says.
#include "data/model_folder.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>

#include "data/adapter_folder.h"
#include "data/atomic_file.h"

namespace temper::data {

namespace {

constexpr std::uintmax_t kLongestConfig = 64'000'000;  // bytes
constexpr std::int64_t kMostLabels = 1'000'000;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// The hub caches in the order in which huggingface_hub looks at its settings; the first one set counts there, here all are tried.
std::vector<std::filesystem::path> hub_caches() {
  std::vector<std::filesystem::path> caches;
  if (const std::string hub = environment("HF_HUB_CACHE"); !hub.empty()) caches.emplace_back(hub);
  if (const std::string home = environment("HF_HOME"); !home.empty()) caches.emplace_back(std::filesystem::path(home) / "hub");
  if (const std::string cache = environment("XDG_CACHE_HOME"); !cache.empty()) caches.emplace_back(std::filesystem::path(cache) / "huggingface/hub");
  if (const std::string home = environment("HOME"); !home.empty()) caches.emplace_back(std::filesystem::path(home) / ".cache/huggingface/hub");
  return caches;
}

// "ORG/NAME" or "NAME", as the hub allows them: nothing that could leave the cache's folder.
bool is_hub_name(const std::string& name) {
  const auto is_part = [](std::string_view part) {
    return !part.empty() && part.front() != '.' && part.find("--") == std::string_view::npos &&
           std::all_of(part.begin(), part.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.'; });
  };
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) return is_part(name);
  return is_part(std::string_view(name).substr(0, slash)) && is_part(std::string_view(name).substr(slash + 1));
}

std::string trimmed(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text;
}

// The snapshot of a cached repository; empty when there is none, or several and no refs/main.
std::filesystem::path snapshot_of(const std::filesystem::path& repository) {
  const std::filesystem::path snapshots = repository / "snapshots";
  std::error_code error;
  if (const auto ref = repository / "refs/main"; std::filesystem::exists(ref, error)) {
    const std::string revision = trimmed(read_file(ref, 4096));
    if (!revision.empty() && revision.find('/') == std::string::npos && revision[0] != '.' && std::filesystem::is_directory(snapshots / revision, error))
      return snapshots / revision;
  }
  std::vector<std::filesystem::path> found;
  for (std::filesystem::directory_iterator entry(snapshots, error), end; !error && entry != end; entry.increment(error))
    if (entry->is_directory(error)) found.push_back(entry->path());
  return found.size() == 1 ? found[0] : std::filesystem::path();
}

std::vector<std::string> generic_labels(std::int64_t count) {
  std::vector<std::string> labels;
  for (std::int64_t i = 0; i < count; ++i) labels.push_back("LABEL_" + std::to_string(i));
  return labels;
}

// id2label is an object whose keys are the class numbers as text, in any order.
std::vector<std::string> read_id2label(const Value& id2label) {
  if (!id2label.is_table()) throw Error({{id2label.place, std::string("id2label is ") + id2label.type_name() + ", expected an object", {}}});
  const Value::Table& table = id2label.as_table();
  std::vector<const std::string*> by_class(table.size());
  for (const auto& [key, label] : table) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (error != std::errc() || end != key.data() + key.size() || number >= table.size() || by_class[number])
      throw Error({{label.place, "id2label has the key \"" + key + "\", expected each of the numbers 0 to " + std::to_string(table.size() - 1) + " once", {}}});
    if (!label.is_string()) throw Error({{label.place, "id2label has " + std::string(label.type_name()) + " for \"" + key + "\", expected a text", {}}});
    by_class[number] = &label.as_string();
  }
  std::vector<std::string> labels;
  for (const std::string* label : by_class) labels.push_back(*label);
  return labels;
}

const Value* given(const Value& config, std::string_view key) {
  const Value* value = config.find(key);
  return value && !value->is_null() ? value : nullptr;  // explicit nulls mean absent
}

std::int64_t read_num_labels(const Value& config) {
  for (const char* key : {"num_labels", "_num_labels"}) {
    if (const Value* value = given(config, key)) {
      if (!value->is_integer() || value->as_integer() < 1 || value->as_integer() > kMostLabels)
        throw Error({{value->place, std::string(key) + " is " + to_json(*value) + ", expected a number of classes", {}}});
      return value->as_integer();
    }
  }
  return 2;
}

}  // namespace

std::filesystem::path find_checkpoint(const std::string& checkpoint, const std::filesystem::path& base) {
  std::error_code error;
  const std::filesystem::path folder = base / checkpoint;
  if (checkpoint.empty()) throw Error("the checkpoint has no name", "give a folder that holds config.json, or a name in the local Hugging Face cache");
  if (std::filesystem::is_directory(folder, error)) return std::filesystem::weakly_canonical(folder);
  std::string looked = folder.string();
  if (is_hub_name(checkpoint)) {
    std::string directory = "models--" + checkpoint;
    if (const std::size_t slash = directory.find('/'); slash != std::string::npos) directory.replace(slash, 1, "--");
    for (const std::filesystem::path& cache : hub_caches()) {
      const std::filesystem::path repository = cache / directory;
      if (const auto snapshot = snapshot_of(repository); !snapshot.empty()) return snapshot;
      looked += ", " + repository.string();
    }
  }
  throw Error("there is no checkpoint \"" + checkpoint + "\"; looked at " + looked, "give a folder that holds config.json, or a name in the local Hugging Face cache");
}

ModelFolder model_folder_from_config(Value config) {
  if (!config.is_table()) throw Error({{config.place, std::string("is ") + config.type_name() + ", expected an object", {}}});
  ModelFolder model;
  if (const Value* type = given(config, "model_type")) {
    if (!type->is_string()) throw Error({{type->place, std::string("model_type is ") + type->type_name() + ", expected a text", {}}});
    model.model_type = type->as_string();
  }
  const Value* id2label = given(config, "id2label");
  model.labels = id2label ? read_id2label(*id2label) : generic_labels(read_num_labels(config));
  model.labels_are_generic = model.labels == generic_labels(static_cast<std::int64_t>(model.labels.size()));
  model.config = std::move(config);
  return model;
}

ModelFolder open_model_folder(const std::filesystem::path& folder, const std::filesystem::path& base) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) throw Error({{{folder.string()}, "is no folder, expected one that holds config.json", {}}});
  std::filesystem::path file = folder / "config.json";
  if (!std::filesystem::exists(file, error) && is_adapter_folder(folder)) file = find_adapter_base(folder, base) / "config.json";
  if (!std::filesystem::exists(file, error)) throw Error({{{folder.string()}, "holds no config.json", "a checkpoint is a folder as Hugging Face's save_pretrained writes it"}});
  ModelFolder model = model_folder_from_config(parse_json(read_file(file, kLongestConfig), file.string()));
  model.folder = folder;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().extension() == ".safetensors") model.tensor_files.push_back(entry->path());
  if (error) throw Error({{{folder.string()}, "cannot be read: " + error.message(), {}}});
  std::sort(model.tensor_files.begin(), model.tensor_files.end());
  return model;
}

}  // namespace temper::data
