// Hugging Face folders become models.
#include "nn/checkpoint.h"

#include <map>
#include <set>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <temper/error.h>

#include "data/adapter_folder.h"
#include "data/model_folder.h"
#include "data/safetensors.h"
#include "data/stop_tokens.h"
#include "nn/adapter_files.h"
#include "nn/tensor_bytes.h"
#include "registry/registry.h"

namespace temper::nn {

namespace {

// What a layer's tensors are called in files, its tied matrix too: older programs write that out.
void add_names(const HeadLayer& layer, std::set<std::string>& names) {
  names.insert({layer.name + ".weight", layer.name + ".bias"});
  if (!layer.bias_name.empty()) names.insert(layer.bias_name);
  if (!layer.norm.empty()) names.insert({layer.norm + ".weight", layer.norm + ".bias"});
}

// Tensors of files that may be there although nothing is read from them: heads of any kind that the family has.
std::set<std::string> head_names(const Model& model) {
  std::set<std::string> names;
  for (const HeadSpec& head : model.heads()) {
    for (const HeadLayer& layer : head.layers) add_names(layer, names);
  }
  return names;
}

bool is_real(data::Dtype dtype) {
  return dtype == data::Dtype::kF32 || dtype == data::Dtype::kF16 || dtype == data::Dtype::kBf16 || dtype == data::Dtype::kF64;
}

// Finds for each parameter its tensor. Everything that does not fit is a problem; nothing is written yet.
class Matching {
 public:
  Matching(Model& model, const data::TensorFiles& files, std::set<std::string> skipped) : model_(model), files_(files), skipped_(std::move(skipped)) {
    for (const data::Tensor& tensor : files.tensors()) match(tensor);
  }

  void report_missing(const std::filesystem::path& path) {
    for (const Parameter& parameter : model_.parameters().all()) {
      if (!parameter.is_head && !sources_.count(parameter.name)) problems_.add({path.string()}, "has no tensor \"" + parameter.name + "\"");
    }
    problems_.throw_if_any();
  }

  const data::Tensor* source(const std::string& parameter) const {
    const auto found = sources_.find(parameter);
    return found == sources_.end() ? nullptr : found->second;
  }

 private:
  void match(const data::Tensor& tensor) {
    const std::string name = model_.own_name(tensor.name);
    if (name.empty() || skipped_.count(name)) return;
    const auto wrong = [&](const std::string& what) { problems_.add({files_.file_of(tensor).string()}, "tensor \"" + tensor.name + "\" " + what); };
    const Parameter* parameter = model_.parameters().find(name);
    if (!parameter) return wrong("is left over, nothing in the model reads it");
    if (const auto [place, is_first] = sources_.emplace(name, &tensor); !is_first) {
      return wrong("is a second source of \"" + name + "\", after \"" + place->second->name + "\"");
    }
    if (at::IntArrayRef(tensor.shape) != parameter->tensor.sizes()) {
      return wrong("has the shape " + shape_text(tensor.shape) + ", expected " + shape_text(parameter->tensor.sizes()));
    }
    if (!is_real(tensor.dtype)) wrong("is stored as " + std::string(data::to_string(tensor.dtype)) + ", expected F32, F16, BF16 or F64");
  }

  Model& model_;
  const data::TensorFiles& files_;
  std::set<std::string> skipped_;
  std::map<std::string, const data::Tensor*> sources_;
  Problems problems_;
};

// The trained head is of use when its classes are those of the task. Generic names say nothing, then their number decides.
bool head_fits(const data::ModelFolder& folder, const std::vector<std::string>& labels) {
  if (labels.empty() || labels == folder.labels) return true;
  return folder.labels_are_generic && labels.size() == folder.labels.size();
}

bool has_label_layer(const HeadSpec& head) {
  for (const HeadLayer& layer : head.layers) {
    if (layer.out == 0 && layer.tied_to.empty()) return true;
  }
  return false;
}

// A folder that was never meant to hold weights: the architecture is used with random ones. One whose weights are in a format that
// is not read here is left to the reader, which says so.
bool is_config_alone(const data::ModelFolder& folder) {
  for (const char* name : {"model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"}) {
    if (std::filesystem::exists(folder.folder / name)) return false;
  }
  return folder.tensor_files.empty();
}

HeadSpec head_of(const Model& model, const LoadRequest& request, const std::string& family) {
  if (request.or_masked && request.head == HeadKind::kLanguageModeling && !has_head(model, HeadKind::kLanguageModeling)) {
    return find_head(model, HeadKind::kMaskedLanguageModeling, family);
  }
  if (request.head) return find_head(model, *request.head, family);
  return {.kind = HeadKind::kSequenceClassification, .architecture = {}, .pooling = Pooling::kFirst, .layers = {}};
}

HeadedModel with_head(std::unique_ptr<Model> model, const HeadSpec& head, const std::vector<std::string>& labels) {
  return HeadedModel(std::move(model), head, has_label_layer(head) ? static_cast<std::int64_t>(labels.size()) : 0);
}

void draw_all(LoadedModel& loaded, std::uint64_t seed) {
  initialize(loaded.model.parameters(), seed);
  for (Parameter& parameter : loaded.model.parameters().all()) {
    parameter.is_new = true;
    loaded.new_parameters.push_back(parameter.name);
  }
}

LoadedModel load_with_adapters(const registry::Registry& registry, const std::filesystem::path& folder, const LoadRequest& request) {
  const data::ModelFolder adapter = data::open_model_folder(folder, request.base);
  LoadRequest of_base = request;
  of_base.base.clear();
  if (of_base.labels.empty()) of_base.labels = adapter.labels;
  LoadedModel loaded = load_model(registry, data::find_adapter_base(folder, request.base), of_base);
  loaded.head_of_base = load_adapter(loaded.model, folder);
  loaded.config = adapter.config;
  const Value generation_config = data::read_generation_config(folder);
  if (!generation_config.is_null()) loaded.generation_config = generation_config;
  std::erase_if(loaded.new_parameters, [&](const std::string& name) { return !loaded.model.parameters().find(name)->is_new; });
  return loaded;
}

}  // namespace

LoadedModel load_model(const registry::Registry& registry, const std::filesystem::path& folder, const LoadRequest& request) {
  if (data::is_adapter_folder(folder)) return load_with_adapters(registry, folder, request);
  const data::ModelFolder checkpoint = data::open_model_folder(folder);
  const std::string plugin = plugin_for(registry, checkpoint.config, folder / "config.json");
  std::unique_ptr<Model> model = make_model(registry, plugin, checkpoint.config);
  const HeadSpec head = head_of(*model, request, plugin);
  const std::vector<std::string>& labels = request.labels.empty() ? checkpoint.labels : request.labels;

  LoadedModel loaded{with_head(std::move(model), head, labels), plugin, checkpoint.config, has_label_layer(head) ? labels : std::vector<std::string>(), {}, {}};
  loaded.generation_config = data::read_generation_config(folder);
  if (is_config_alone(checkpoint)) {
    draw_all(loaded, request.seed);
    return loaded;
  }
  loaded.new_parameters = load_weights(loaded.model, folder, request.seed, head_fits(checkpoint, request.labels));
  return loaded;
}

std::vector<std::string> load_weights(HeadedModel& model, const std::filesystem::path& path, std::uint64_t seed, bool keep_head) {
  ParameterTable& parameters = model.parameters();
  std::set<std::string> skipped = head_names(model.model());
  for (const Parameter& parameter : parameters.all()) skipped.erase(parameter.name);
  if (!keep_head) {
    for (const HeadLayer& layer : model.head().layers) {
      if (layer.out == 0 && layer.tied_to.empty()) add_names(layer, skipped);
    }
  }
  const data::TensorFiles files(path);
  Matching matching(model.model(), files, std::move(skipped));
  matching.report_missing(path);
  const c10::NoGradGuard no_grad;
  std::vector<std::string> new_parameters;
  for (Parameter& parameter : parameters.all()) {
    if (const data::Tensor* source = matching.source(parameter.name)) {
      fill(parameter.tensor, files, *source);
    } else {
      initialize(parameter, seed);
      parameter.is_new = true;
      new_parameters.push_back(parameter.name);
    }
  }
  return new_parameters;
}

void reload_weights(HeadedModel& model, const std::filesystem::path& path, const std::vector<std::string>& names) {
  std::set<std::string> skipped = head_names(model.model());
  for (const std::string& name : names) skipped.erase(name);
  const data::TensorFiles files(path);
  Matching matching(model.model(), files, std::move(skipped));
  matching.report_missing(path);
  const c10::NoGradGuard no_grad;
  for (const std::string& name : names) {
    const data::Tensor* source = matching.source(name);
    if (!source) throw Error(path.string() + " has no tensor \"" + name + "\" any more");
    model.parameters().find(name)->tensor.copy_(to_tensor(*source));
  }
}

LoadedModel new_model(const registry::Registry& registry, const std::string& plugin, const Value& config, const LoadRequest& request) {
  const registry::Plugin& found = registry.find("model", plugin);
  Problems problems;
  Value completed = registry.check("model", plugin, config, "[model] config", problems);
  problems.throw_if_any();
  if (!found.manifest.claims.empty() && !completed.find("model_type")) completed.set("model_type", found.manifest.claims.front());
  std::unique_ptr<Model> model = make_model(registry, plugin, completed);
  const HeadSpec head = head_of(*model, request, found.name());
  std::vector<std::string> labels = request.labels.empty() ? data::model_folder_from_config(completed).labels : request.labels;
  if (!has_label_layer(head)) labels.clear();
  LoadedModel made{with_head(std::move(model), head, labels), found.name(), completed, labels, {}};
  draw_all(made, request.seed);
  return made;
}

}  // namespace temper::nn
