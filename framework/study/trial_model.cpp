// Opens models for trials, and answers items with their heads.
#include "study/trial_model.h"

#include <ATen/Context.h>

#include <algorithm>
#include <iterator>

#include <temper/error.h>

#include "data/adapter_folder.h"
#include "data/label_map.h"
#include "data/model_folder.h"
#include "nn/lora.h"
#include "inference/frozen_states.h"
#include "study/experiment.h"
#include "study/tasks/task_work.h"

namespace temper::study {

at::Device find_device(const std::string& name) {
  if (name == "auto") return at::globalContext().hasCUDA() ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
  const at::Device device(name);
  if (device.is_cuda() && !at::globalContext().hasCUDA()) throw Error("device is \"" + name + "\", this machine or this libtorch has no CUDA", "use device = \"auto\" or \"cpu\"");
  return device;
}

namespace {

// What `temper predict --base` names: another place of the model that an adapter hangs on. Empty in trials.
std::filesystem::path base_of(const Value& model_table) {
  const Value* base = model_table.find("base");
  return base ? std::filesystem::path(base->as_string()) : std::filesystem::path();
}

data::ModelFolder describe_model(const ModelOptions& options, const std::filesystem::path& base) {
  return options.checkpoint ? data::open_model_folder(*options.checkpoint, base) : data::model_folder_from_config(options.config);
}

// Whether the checkpoint was saved as a classifier, of texts or of tokens, and so has a trained head.
bool is_classifier(const data::ModelFolder& folder) {
  const Value* architectures = folder.config.is_table() ? folder.config.find("architectures") : nullptr;
  if (!architectures || !architectures->is_array()) return false;
  return std::any_of(architectures->as_array().begin(), architectures->as_array().end(), [](const Value& name) {
    return name.is_string() && (name.as_string().ends_with("ForSequenceClassification") || name.as_string().ends_with("ForTokenClassification"));
  });
}

std::filesystem::path tokenizer_path(const ModelOptions& options, const std::filesystem::path& base) {
  if (options.tokenizer) return *options.tokenizer;
  return options.checkpoint ? data::tokenizer_folder(*options.checkpoint, base) : std::filesystem::path();
}

void move_to(HeadedModel& model, at::Device device) {
  if (device.is_cpu()) return;
  for (Parameter& parameter : model.parameters().all()) {
    if (parameter.tensor.device() != device) parameter.tensor.set_data(parameter.tensor.to(device));
  }
}

}  // namespace

std::vector<std::string> task_labels(const Value& model_table, const std::vector<std::string>& data_labels) {
  const data::ModelFolder folder = describe_model(model_options(model_table), base_of(model_table));
  return data::map_labels(data_labels, folder, is_classifier(folder)).labels;
}

TrialModel open_trial_model(const registry::Registry& registry, const Value& model_table, const TaskInfo& task, std::uint64_t seed, at::Device device,
                            HeadKind head) {
  const ModelOptions options = model_options(model_table);
  const std::filesystem::path base = base_of(model_table);
  const data::ModelFolder folder = describe_model(options, base);
  const data::LabelMap map = data::map_labels(head_labels(task), folder, is_classifier(folder));
  // A head that was trained for these classes under other names is taken by asking for its own names.
  const nn::LoadRequest request{.head = head,
                                .labels = map.order == data::LabelOrder::kCheckpointNumbers ? folder.labels : map.labels,
                                .seed = seed,
                                .or_masked = task.task == Task::kLanguageModeling,
                                .base = base};
  TrialModel model{options.checkpoint ? nn::load_model(registry, *options.checkpoint, request)
                                      : nn::new_model(registry, options.plugin.value_or(""), options.config, request),
                   tokenizer_path(options, base), 0, 0};
  const ModelShape shape = model.loaded.model.model().shape();
  model.max_length = shape.max_positions;
  model.vocabulary = shape.vocabulary;
  move_to(model.loaded.model, device);
  return model;
}

TrialModel open_trial_model(const registry::Registry& registry, const Trial& trial, const ModelPlace& place, const TaskInfo& task, at::Device device,
                            HeadKind head) {
  TrialModel model = open_trial_model(registry, place.table, task, place.seed, device, head);
  if (trial.reads("training")) nn::merge_lora(model.loaded.model);  // it trains all weights that it finds, or hangs adapters of its own on them
  limit_length(model, trial);
  return model;
}

void limit_length(TrialModel& model, const Trial& trial) {
  model.max_length = model.loaded.model.model().shape().max_positions;
  if (!trial.reads("training")) return;
  const std::int64_t wanted = trial.table("training").find("max_length")->as_integer();
  if (wanted > 0) model.max_length = std::min(model.max_length, wanted);
}

bool has_adapters(const Value& model_table) {
  const Value* checkpoint = model_table.find("checkpoint");
  return checkpoint && checkpoint->is_string() && data::is_adapter_folder(checkpoint->as_string());
}

TrainingOptions training_options(const Trial& trial) {
  OptionsOf<TrainingOptions> options;
  if (trial.reads("training")) fill(options, trial.table("training"));
  return options.value;
}

std::shared_ptr<const data::EncodedSplit> encode_split(TrialInputs& inputs, const Trial& trial, const TaskInfo& task, const TrialModel& model,
                                                       const Split& split, const std::string& name, data::EncodeFor purpose, int threads) {
  return inputs.encoded({.split = &split, .split_key = name, .dataset = &trial.table("dataset"), .prompt = trial.reads("prompt") ? &trial.table("prompt") : nullptr,
                         .tokenizer = model.tokenizer, .settings = encode_settings(task, model, training_options(trial), purpose), .task = task, .threads = threads});
}

HeadAnswers answer_by_head(TrialModel& model, const TaskInfo& task, const PromptOptions& prompt, const Tokenizer* tokenizer,
                           std::span<const Item> items, const inference::ClassifyOptions& options, const TrainingOptions& settings) {
  HeadAnswers result;
  const auto encoder = data::make_encoder(task, prompt, tokenizer, encode_settings(task, model, settings, data::EncodeFor::kAnswers));
  data::EncodedSplit encoded;
  encoded.first = {0};
  for (const Item& item : items) {
    data::EncodedItem row = encoder->encode(item);
    std::move(row.examples.begin(), row.examples.end(), std::back_inserter(encoded.examples));
    std::move(row.readings.begin(), row.readings.end(), std::back_inserter(encoded.readings));
    encoded.first.push_back(encoded.examples.size());
    result.truncated_items += row.dropped_tokens > 0 ? 1 : 0;
    result.dropped_tokens += row.dropped_tokens;
  }
  const auto objective = task_objective(task, model, tokenizer);
  const std::unique_ptr<inference::FrozenSplit> frozen = options.frozen && !objective->redraws() ? options.frozen->open(encoded.examples) : nullptr;
  const training::Evaluation evaluation = training::evaluate(model.loaded.model, *objective, encoded.examples,
                                                             {options.batch_size, options.bf16, options.plain, options.device, frozen.get()});
  result.predictions = answers(*task_work(task, settings), items, encoded, evaluation);
  return result;
}

}  // namespace temper::study
