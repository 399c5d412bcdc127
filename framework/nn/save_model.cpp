// Models become Hugging Face folders.
#include "nn/checkpoint.h"

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include <temper/error.h>

#include "data/atomic_file.h"
#include "data/model_folder.h"
#include "data/safetensors.h"
#include "nn/lora.h"
#include "nn/tensor_bytes.h"

namespace temper::nn {

namespace {

// config.json as transformers writes it: two labels with generic names are its default and are not written.
Value config_to_write(const Value& config, const HeadSpec& head, const std::vector<std::string>& labels) {
  Value written = config;
  written.set("architectures", Value::Array{Value(head.architecture)});
  written.set("dtype", "float32");
  for (const char* key : {"torch_dtype", "num_labels", "_num_labels", "id2label", "label2id"}) written.erase(key);
  const bool are_default = labels == data::model_folder_from_config(Value::Table()).labels;
  if (labels.empty() || are_default) return written;
  Value id2label = Value::Table(), label2id = Value::Table();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    id2label.set(std::to_string(i), labels[i]);
    label2id.set(labels[i], static_cast<std::int64_t>(i));
  }
  written.set("id2label", std::move(id2label));
  written.set("label2id", std::move(label2id));
  return written;
}

std::string name_in_file(const std::string& name, const HeadSpec& head) {
  const auto& [own, in_file] = head.prefix_in_files;
  return !own.empty() && name.starts_with(own) ? in_file + name.substr(own.size()) : name;
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error({{{folder.string()}, "cannot be made: " + error.message(), {}}});
}

}  // namespace

void save_weights(HeadedModel& model, const std::filesystem::path& file) {
  std::vector<at::Tensor> kept;  // holds the memory that `stored` points to
  std::vector<data::Tensor> stored;
  for (const Parameter& parameter : model.parameters().all()) {
    kept.push_back(parameter.tensor.detach().to(at::kCPU, at::kFloat).contiguous());
    stored.push_back(to_stored(name_in_file(parameter.name, model.head()), kept.back()));
  }
  data::write_safetensors(file, std::move(stored), {{"format", "pt"}});
}

void save_model(HeadedModel& model, const Value& config, const std::vector<std::string>& labels, const std::filesystem::path& folder) {
  merge_lora(model);
  make_folder(folder);
  save_weights(model, folder / "model.safetensors");
  save_config(model, config, labels, folder);
}

void save_config(const HeadedModel& model, const Value& config, const std::vector<std::string>& labels, const std::filesystem::path& folder) {
  make_folder(folder);
  const Value written = config_to_write(config, model.head(), labels);
  data::write_file_atomically(folder / "config.json", nlohmann::ordered_json::parse(to_json(written)).dump(2) + "\n");
}

void save_generation_config(const Value& generation_config, const std::filesystem::path& folder) {
  if (generation_config.is_null()) return;
  data::write_file_atomically(folder / "generation_config.json", nlohmann::ordered_json::parse(to_json(generation_config)).dump(2) + "\n");
}

}  // namespace temper::nn
