// Checkpoints: Hugging Face folders become models and models become such folders.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <temper/task.h>
#include <temper/torch/headed_model.h>
#include <temper/value.h>

namespace temper::registry {
class Registry;
}

namespace temper::nn {

// The kind of head that answers a task. Throws Error for a task that no head answers.
HeadKind head_kind(Task task);
bool has_head(const Model& model, HeadKind kind);
// What the family puts on top for this kind. Throws Error naming the kinds that it has.
HeadSpec find_head(const Model& model, HeadKind kind, const std::string& family);

// A model of the plugin's family. `config` has the fields of a config.json: keys that the plugin does not know are ignored and
// nulls mean defaults, but a value of a wrong type is an Error (all of them at once). Weights are not filled in yet.
std::unique_ptr<Model> make_model(const registry::Registry& registry, const std::string& plugin, const Value& config);
// The plugin that claims a config.json's model_type. Throws Error naming the types that are known.
std::string plugin_for(const registry::Registry& registry, const Value& config, const std::filesystem::path& file);

struct LoadRequest {
  std::optional<HeadKind> head = HeadKind::kSequenceClassification;  // none: the blocks alone, for their states
  std::vector<std::string> labels;  // of the task; empty: those of the checkpoint
  std::uint64_t seed = 0;           // for what the checkpoint lacks: its head, or all of it
  bool or_masked = false;           // where a language model is asked for: a family without a causal one gives its masked one
  std::filesystem::path base = {};  // of a folder of adapters: what they hang on, instead of what adapter_config.json names
};

struct LoadedModel {
  HeadedModel model;
  std::string plugin;
  Value config;                     // config.json as it was read, or the plugin's options with model_type
  std::vector<std::string> labels;
  std::vector<std::string> new_parameters;  // parameters that the files lack (heads; all, where there are no files) and that were drawn from the seed
  std::vector<std::string> head_of_base = {};  // of a folder of adapters that has no head of its own: the parameters of the base's
  Value generation_config = {};             // generation_config.json; null where there is none
};

// Every tensor of the files is read exactly once. Throws one Error that names all missing, left-over and misshapen tensors.
// A folder of adapters in PEFT's layout gives its base with them hung on, not merged.
// A folder with a config.json alone gives its architecture with random weights; all parameters are then new.
// Skipped are buffers, and heads that the request has no use for: those of other kinds, and one for other labels.
LoadedModel load_model(const registry::Registry& registry, const std::filesystem::path& folder, const LoadRequest& request);

// Fills a model from the tensors of a folder or file, under the same rules. What only the head lacks is drawn from `seed`, and named in
// the result. With `keep_head` false the layer that has a row per label is drawn anew even where the files have it.
std::vector<std::string> load_weights(HeadedModel& model, const std::filesystem::path& path, std::uint64_t seed, bool keep_head = true);
// Gives these parameters the values of the files again, which the model was loaded from. Throws Error when they are no longer there.
void reload_weights(HeadedModel& model, const std::filesystem::path& path, const std::vector<std::string>& names);
// All parameters as they are, to one file. Tied matrices once.
void save_weights(HeadedModel& model, const std::filesystem::path& file);

// The same with random weights, from `[model] plugin = ..., config = {...}`.
LoadedModel new_model(const registry::Registry& registry, const std::string& plugin, const Value& config, const LoadRequest& request);

// Writes the config.json alone, with the head's architecture and the labels, into `folder` (made if absent).
void save_config(const HeadedModel& model, const Value& config, const std::vector<std::string>& labels, const std::filesystem::path& folder);
// Writes generation_config.json into `folder` where there is one.
void save_generation_config(const Value& generation_config, const std::filesystem::path& folder);
// Writes config.json and model.safetensors into `folder` (made if absent) as transformers does: float32, tied matrices once.
// Adapters are merged into the model first, with merge_lora's check.
void save_model(HeadedModel& model, const Value& config, const std::vector<std::string>& labels, const std::filesystem::path& folder);

}  // namespace temper::nn
