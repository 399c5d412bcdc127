// A checkpoint's tensors over one or more files.
#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include <temper/error.h>
#include <temper/value.h>

#include "data/atomic_file.h"
#include "data/safetensors.h"

namespace temper::data {

namespace {

constexpr std::uintmax_t kLongestIndex = 100'000'000;  // bytes

std::filesystem::path choose(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return path;
  for (const char* name : {"model.safetensors.index.json", "model.safetensors", "adapter_model.safetensors"})
    if (std::filesystem::exists(path / name)) return path / name;
  const bool has_pickle = std::filesystem::exists(path / "pytorch_model.bin");
  throw Error({{{path.string()}, "holds no model.safetensors and no model.safetensors.index.json",
                has_pickle ? "its pytorch_model.bin cannot be read here; save the model again with safe_serialization=True" : ""}});
}

// The shards' names and the tensors that belong to each, as an index file says.
std::map<std::string, std::vector<std::string>> read_index(const std::filesystem::path& path) {
  const Value index = parse_json(read_file(path, kLongestIndex), path.string());
  const Value* weights = index.find("weight_map");
  if (!weights || !weights->is_table()) throw Error({{{path.string()}, "has no object weight_map", {}}});
  std::map<std::string, std::vector<std::string>> shards;
  for (const auto& [tensor, file] : weights->as_table()) {
    const std::string& name = file.as_string();
    if (name.empty() || name != std::filesystem::path(name).filename() || name == "." || name == "..")
      throw Error({{file.place, "tensor \"" + tensor + "\" is said to lie in \"" + name + "\", expected the name of a file in the same folder", {}}});
    shards[name].push_back(tensor);
  }
  if (shards.empty()) throw Error({{{path.string()}, "names no tensors", {}}});
  return shards;
}

}  // namespace

TensorFiles::TensorFiles(const std::filesystem::path& given) {
  const std::filesystem::path path = choose(given);
  Problems problems;
  if (path.extension() == ".json") {
    for (const auto& [name, tensors] : read_index(path)) {
      try {
        files_.emplace_back(path.parent_path() / name);
        for (const std::string& tensor : tensors)
          if (!files_.back().find(tensor))
            problems.add({files_.back().path().string()}, "has no tensor \"" + tensor + "\", which " + path.filename().string() + " puts there");
      } catch (const Error& error) {
        problems.add(error);
      }
    }
  } else {
    files_.emplace_back(path);
  }
  std::map<std::string_view, std::size_t> file_by_name;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    for (const Tensor& tensor : files_[i].tensors()) {
      const auto [known, is_new] = file_by_name.emplace(tensor.name, i);
      if (!is_new) problems.add({files_[i].path().string()}, "holds tensor \"" + tensor.name + "\", which " + files_[known->second].path().filename().string() + " holds too");
    }
  }
  problems.throw_if_any();
  for (const auto& [name, file] : file_by_name) {
    tensors_.push_back(*files_[file].find(name));
    file_of_.push_back(file);
  }
}

const Tensor* TensorFiles::find(std::string_view name) const {
  const auto found = std::lower_bound(tensors_.begin(), tensors_.end(), name, [](const Tensor& t, std::string_view n) { return t.name < n; });
  return found != tensors_.end() && found->name == name ? &*found : nullptr;
}

std::shared_ptr<std::byte> TensorFiles::private_bytes(const Tensor& tensor) const {
  return files_[file_of_.at(static_cast<std::size_t>(&tensor - tensors_.data()))].private_bytes(tensor);
}

const std::filesystem::path& TensorFiles::file_of(const Tensor& tensor) const {
  return files_[file_of_.at(static_cast<std::size_t>(&tensor - tensors_.data()))].path();
}

}  // namespace temper::data
