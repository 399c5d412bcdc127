// Loads what trials read.
#include "study/trial_inputs.h"

#include <temper/dataset.h>
#include <temper/error.h>

#include "registry/registry.h"

namespace temper::study {

Value dataset_plugin_options(const Value& dataset_table) {
  OptionsOf<data::DatasetOptions> framework;
  Value rest = dataset_table;
  for (const OptionSpec& spec : declared(framework)) rest.erase(spec.name);
  return rest;
}

data::Splits load_trial_splits(const registry::Registry& registry, const Value& dataset_table, Task task) {
  OptionsOf<data::DatasetOptions> options;
  fill(options, dataset_table);
  const auto dataset = registry.create<Dataset>(options.value.plugin, dataset_plugin_options(dataset_table));
  return data::load_splits(*dataset, options.value, task);
}

std::shared_ptr<const data::Splits> TrialInputs::splits(const Value& dataset_table, Task task) {
  return splits_.get(to_json(dataset_table) + std::string(to_string(task)), [&] { return load_trial_splits(registry_, dataset_table, task); });
}

std::shared_ptr<const Tokenizer> TrialInputs::tokenizer(const std::filesystem::path& path) {
  if (path.empty() || tokenizer_format(path).empty()) return nullptr;
  const auto holder = tokenizers_.get(path.string(), [&] { return data::open_tokenizer(registry_, path); });
  return {holder, holder->get()};
}

std::shared_ptr<const data::EncodedSplit> TrialInputs::encoded(const EncodeRequest& request) {
  const data::EncodeSettings& settings = request.settings;
  std::string key = request.split_key + '\n' + to_json(*request.dataset) + '\n' + (request.prompt ? to_json(*request.prompt) : "") + '\n' +
                    request.tokenizer.string() + '\n' + std::string(to_string(request.task.task));
  for (const std::int64_t number : {settings.max_length.value_or(-1), settings.vocabulary.value_or(-1), settings.doc_stride, std::int64_t{settings.completion_only_loss},
                                    std::int64_t{settings.end_token.value_or(-1)},
                                    static_cast<std::int64_t>(settings.packing), std::int64_t{settings.masked}, static_cast<std::int64_t>(settings.purpose)}) {
    key += ' ' + std::to_string(number);
  }
  for (const std::string& label : request.task.labels) key += '\n' + label;
  return encoded_.get(key, [&] {
    OptionsOf<PromptOptions> prompt;
    if (request.prompt) fill(prompt, *request.prompt);
    const auto chosen = tokenizer(request.tokenizer);
    return data::make_encoder(request.task, prompt.value, chosen.get(), request.settings)->encode(*request.split, request.threads);
  });
}

}  // namespace temper::study
