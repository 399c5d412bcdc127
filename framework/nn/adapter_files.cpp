// PEFT's names for what hangs on a model, and back.
#include "nn/adapter_files.h"

#include <algorithm>
#include <set>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <nlohmann/json.hpp>

#include <temper/error.h>
#include <temper/value.h>

#include "data/adapter_folder.h"
#include "data/atomic_file.h"
#include "data/safetensors.h"
#include "nn/lora.h"
#include "nn/tensor_bytes.h"

namespace temper::nn {

namespace {

constexpr const char* kTensors = "adapter_model.safetensors";

// As PEFT calls it; nothing where it has no name for it.
Value task_type(HeadKind kind) {
  switch (kind) {
    case HeadKind::kSequenceClassification: return "SEQ_CLS";
    case HeadKind::kTokenClassification: return "TOKEN_CLS";
    case HeadKind::kQuestionAnswering: return "QUESTION_ANS";
    case HeadKind::kLanguageModeling: return "CAUSAL_LM";
    case HeadKind::kMaskedLanguageModeling: return {};
  }
  return {};
}

// 8 rather than 8.0, as PEFT's field is a whole number.
Value number(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  return static_cast<double>(whole) == value ? Value(whole) : Value(value);
}

Value names(const std::vector<std::string>& list) { return Value(Value::Array(list.begin(), list.end())); }

// The name in the file: an adapter's own parameters are called as there already, whole modules are behind PEFT's prefix.
std::string name_in_file(const Parameter& parameter) {
  return parameter.name.starts_with(kPeftPrefix) ? parameter.name : std::string(kPeftPrefix) + parameter.name;
}

bool any_transposed(HeadedModel& model) {
  for (const Parameter& parameter : model.parameters().all()) {
    if (parameter.adapter && parameter.transposed) return true;
  }
  return false;
}

// What is set to anything but nothing.
bool is_set(const Value* value) {
  if (!value || value->is_null()) return false;
  if (value->is_table()) return !value->as_table().empty();
  if (value->is_array()) return !value->as_array().empty();
  return !value->is_bool() || value->as_bool();
}

class ConfigReader {
 public:
  explicit ConfigReader(const std::filesystem::path& file) : file_(file), config_(parse_json(data::read_file(file, 1 << 24), file.string())) {
    if (!config_.is_table()) throw Error({{{file.string()}, std::string("holds ") + config_.type_name() + ", expected an object", {}}});
  }

  LoraOptions read() {
    LoraOptions options;
    const Value* type = config_.find("peft_type");
    if (!type || !type->is_string() || type->as_string() != "LORA") wrong("peft_type", type, "\"LORA\"");
    for (const char* key : {"rank_pattern", "alpha_pattern", "layers_to_transform", "layer_replication", "trainable_token_indices", "target_parameters", "lora_bias", "exclude_modules", "use_qalora", "alora_invocation_tokens",
                            "use_bdlora", "arrow_config", "kasa_config", "monteclora_config"}) {
      if (is_set(config_.find(key))) problems_.add({file_.string()}, std::string(key) + " is set, which is not supported");
    }
    if (const Value* bias = config_.find("bias"); is_set(bias) && !(bias->is_string() && bias->as_string() == "none")) wrong("bias", bias, "\"none\"");
    // Ways of beginning that take part of the base's weights away: over the base as it was published the adapter alone means nothing.
    if (const Value* init = config_.find("init_lora_weights"); init && init->is_string() && init->as_string() != "gaussian" && init->as_string() != "orthogonal" && init->as_string() != "eva") {
      wrong("init_lora_weights", init, "one that leaves the base's weights as they are: true, false, \"gaussian\", \"orthogonal\" or \"eva\"");
    }
    take("r", options.r, true);
    take("lora_alpha", options.lora_alpha, true);
    take("lora_dropout", options.lora_dropout, false);
    take("use_rslora", options.use_rslora, false);
    take("use_dora", options.use_dora, false);
    take_names("target_modules", options.target_modules, true);
    take_names("modules_to_save", options.modules_to_save, false);
    if (options.r < 1) wrong("r", config_.find("r"), "a whole number from 1");
    problems_.throw_if_any();
    return options;
  }

  // Whether it says that the head is trained and saved with the adapter: by the task, for which PEFT saves it by itself, or by name.
  bool claims_head(const HeadSpec& head, const LoraOptions& options) const {
    const Value* type = config_.find("task_type");
    const bool saves_heads = head.kind == HeadKind::kSequenceClassification || head.kind == HeadKind::kTokenClassification || head.kind == HeadKind::kQuestionAnswering;
    if (saves_heads && type && *type == task_type(head.kind)) return true;
    return std::any_of(head.layers.begin(), head.layers.end(), [&](const HeadLayer& layer) {
      return std::any_of(options.modules_to_save.begin(), options.modules_to_save.end(), [&](const std::string& name) { return layer.name == name || layer.name.ends_with('.' + name); });
    });
  }

 private:
  void wrong(const char* key, const Value* found, const std::string& expected) {
    problems_.add({file_.string()}, std::string(key) + " is " + (found ? to_json(*found) : "missing") + ", expected " + expected);
  }

  template <class T>
  void take(const char* key, T& field, bool is_required) {
    const Value* value = config_.find(key);
    if (!value || value->is_null()) {
      if (is_required) wrong(key, nullptr, "a number");
      return;
    }
    try {
      from_value(*value, field);
    } catch (const Error&) {
      wrong(key, value, std::is_same_v<T, bool> ? "true or false" : "a number");
    }
  }

  void take_names(const char* key, std::vector<std::string>& field, bool is_required) {
    const Value* value = config_.find(key);
    if (!value || value->is_null()) {
      if (is_required) wrong(key, nullptr, "names of modules");
    } else if (value->is_string() && value->as_string() == "all-linear") {
      field = {value->as_string()};
    } else if (value->is_array()) {
      for (const Value& name : value->as_array()) {
        if (!name.is_string()) return wrong(key, value, "names of modules");
        field.push_back(name.as_string());
      }
    } else {
      wrong(key, value, "an array of names of modules");
    }
  }

  std::filesystem::path file_;
  Value config_;
  Problems problems_;
};

// "score" of "base_model.model.score.weight".
std::string module_of(const std::string& name_in_file) {
  const std::string name = name_in_file.starts_with(kPeftPrefix) ? name_in_file.substr(kPeftPrefix.size()) : name_in_file;
  return name.substr(0, name.rfind('.'));
}

// Layers of the family's heads of which the model has no parameter: it was opened with another head.
std::set<std::string> layers_of_other_heads(HeadedModel& model) {
  std::set<std::string> names;
  for (const HeadSpec& head : model.model().heads()) {
    for (const HeadLayer& layer : head.layers) {
      if (!model.parameters().find(layer.name + ".weight")) names.insert(layer.name);
    }
  }
  return names;
}

// PEFT trains a tied head as a matrix of its own.
void refuse_own_copy_of_tied_head(const HeadedModel& model, const LoraOptions& given, const std::filesystem::path& config) {
  for (const HeadLayer& layer : model.head().layers) {
    if (layer.tied_to.empty()) continue;
    for (const std::string& name : given.modules_to_save) {
      if (!layer.name.ends_with(name)) continue;
      throw Error({{{config.string()}, "modules_to_save names \"" + name + "\", of which the model has no matrix: its head uses \"" + layer.tied_to + "\" (tie_word_embeddings)", "untie the base's head first"}});
    }
  }
}

// Matrices of the base that PEFT writes beside the adapters, for fear that the vocabulary was changed.
bool is_copy_of_base(HeadedModel& model, const data::Tensor& tensor) {
  std::string name = tensor.name.starts_with(kPeftPrefix) ? tensor.name.substr(kPeftPrefix.size()) : tensor.name;
  constexpr std::string_view kBase = ".base_layer.";
  if (const std::size_t at = name.find(kBase); at != std::string::npos) name.replace(at, kBase.size(), ".");
  const Parameter* parameter = model.parameters().find(name);
  if (!parameter || at::IntArrayRef(tensor.shape) != parameter->tensor.sizes()) return false;
  return at::equal(parameter->tensor.to(at::kFloat), to_tensor(tensor).to(parameter->tensor.device(), at::kFloat));
}

}  // namespace

void save_adapter(HeadedModel& model, const std::string& base_model, const std::filesystem::path& folder) {
  if (!model.lora()) throw Error("the model has no adapters to write");
  const Lora& lora = *model.lora();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error({{{folder.string()}, "cannot be made: " + error.message(), {}}});
  std::vector<at::Tensor> kept;  // holds the memory that `stored` points to
  std::vector<data::Tensor> stored;
  for (const Parameter& parameter : model.parameters().all()) {
    if (!is_trained_with_lora(lora, parameter)) continue;
    kept.push_back(parameter.tensor.detach().to(at::kCPU, at::kFloat).contiguous());
    stored.push_back(to_stored(name_in_file(parameter), kept.back()));
  }
  data::write_safetensors(folder / kTensors, std::move(stored), {{"format", "pt"}});

  // The fields that PEFT has had for long, so that older versions read it too; without peft_version, for PEFT did not write it.
  Value config = Value::Table{{"alpha_pattern", Value::Table()},
                              {"auto_mapping", Value()},
                              {"base_model_name_or_path", base_model},
                              {"bias", "none"},
                              {"fan_in_fan_out", any_transposed(model)},
                              {"inference_mode", true},
                              {"init_lora_weights", true},
                              {"layer_replication", Value()},
                              {"layers_pattern", Value()},
                              {"layers_to_transform", Value()},
                              {"loftq_config", Value::Table()},
                              {"lora_alpha", number(lora.options.lora_alpha)},
                              {"lora_dropout", lora.options.lora_dropout},
                              {"modules_to_save", lora.saved.empty() ? Value() : names(lora.saved)},
                              {"peft_type", "LORA"},
                              {"r", lora.options.r},
                              {"rank_pattern", Value::Table()},
                              {"revision", Value()},
                              {"target_modules", names(lora.modules)},
                              {"task_type", task_type(model.head().kind)},
                              {"use_dora", lora.options.use_dora},
                              {"use_rslora", lora.options.use_rslora}};
  data::write_file_atomically(folder / data::kAdapterConfig, nlohmann::ordered_json::parse(to_json(config)).dump(2) + "\n");
}

LoraOptions read_adapter_options(const std::filesystem::path& folder) { return ConfigReader(folder / data::kAdapterConfig).read(); }

std::vector<std::string> load_adapter(HeadedModel& model, const std::filesystem::path& folder) {
  const std::set<std::string> others = layers_of_other_heads(model);
  ConfigReader config(folder / data::kAdapterConfig);
  const LoraOptions given = config.read();
  refuse_own_copy_of_tied_head(model, given, folder / data::kAdapterConfig);
  LoraOptions known = given;
  std::erase_if(known.modules_to_save, [&](const std::string& name) { return others.count(name) > 0; });
  add_lora(model, known, 0);
  auto as_given = std::make_shared<Lora>(*model.lora());
  as_given->options = given;  // so that a training with the same options goes on with these adapters
  model.lora() = as_given;
  const Lora& lora = *as_given;
  const data::TensorFiles files(folder / kTensors);
  Problems problems;
  std::set<const Parameter*> read;
  const c10::NoGradGuard no_grad;
  for (const data::Tensor& tensor : files.tensors()) {
    const auto wrong = [&](const std::string& what) { problems.add({files.file_of(tensor).string()}, "tensor \"" + tensor.name + "\" " + what); };
    Parameter* parameter = model.parameters().find(tensor.name);
    if (!parameter && tensor.name.starts_with(kPeftPrefix)) parameter = model.parameters().find(std::string_view(tensor.name).substr(kPeftPrefix.size()));
    if (!parameter && others.count(module_of(tensor.name))) continue;  // a head that this use of the model does not have
    if (!parameter || !is_trained_with_lora(lora, *parameter)) {
      if (is_copy_of_base(model, tensor)) continue;
      wrong("is left over, no adapter reads it");
    } else if (at::IntArrayRef(tensor.shape) != parameter->tensor.sizes()) {
      wrong("has the shape " + shape_text(tensor.shape) + ", expected " + shape_text(parameter->tensor.sizes()));
    } else if (!read.insert(parameter).second) {
      wrong("is there twice");
    } else {
      parameter->tensor.copy_(to_tensor(tensor));
      parameter->is_new = false;
      mark_changed(*parameter);
    }
  }
  const bool claims_head = config.claims_head(model.head(), given);
  std::vector<std::string> kept;
  for (const Parameter& parameter : model.parameters().all()) {
    if (!is_trained_with_lora(lora, parameter) || read.count(&parameter)) continue;
    if (parameter.is_head && !claims_head) {
      if (!parameter.is_new) kept.push_back(parameter.name);
    } else {
      problems.add({(folder / kTensors).string()}, "has no tensor \"" + name_in_file(parameter) + "\"",
                   parameter.is_head ? std::string(data::kAdapterConfig) + " says that the head was trained with the adapter" : "");
    }
  }
  problems.throw_if_any();
  return kept;
}

}  // namespace temper::nn
