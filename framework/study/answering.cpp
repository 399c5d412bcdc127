// Answers by the head; by choice and embeddings in files of their own.
#include "study/answering.h"

#include <temper/error.h>

#include <algorithm>

#include "data/fit_prompt.h"
#include "retrieval/index_cache.h"
#include "study/answer_by_choice.h"
#include "study/embed_items.h"

namespace temper::study {

namespace {

// The item with its blocks as one text field, under a template that is that field alone.
constexpr const char* kWhole = "prompt";

bool has_blocks(const Prompt& prompt) { return !prompt.blocks.empty(); }

}  // namespace

Answering::Answering(AnsweringSetup setup) : setup_(std::move(setup)), format_(setup_.prompt, setup_.task) {}

const PromptFormat& Answering::format() const {
  if (!setup_.reads_prompt && !bases_ask_) throw Error("the strategy \"" + setup_.strategy + "\" asks how items are spelled, and says that it reads no [prompt]");
  return format_;
}

std::vector<Prompt> Answering::with_bases(std::span<const Item> items, std::span<const Prompt> prompts) {
  if (!prompts.empty() && prompts.size() != items.size()) throw Error("a strategy gave " + std::to_string(prompts.size()) + " prompts for " + std::to_string(items.size()) + " items");
  std::vector<Prompt> all(items.size());
  const auto add = [&](std::size_t i, const Prompt& prompt) {
    if (!has_blocks(prompt)) return;
    all[i].blocks.insert(all[i].blocks.end(), prompt.blocks.begin(), prompt.blocks.end());
    all[i].leave_out = prompt.leave_out;
  };
  for (Strategy* base : setup_.bases) {
    bases_ask_ = true;
    const std::vector<Prompt> prepared = base->prepare(*this, items);
    bases_ask_ = false;
    for (std::size_t i = 0; i < items.size(); ++i) add(i, prepared.at(i));
  }
  for (std::size_t i = 0; i < prompts.size(); ++i) add(i, prompts[i]);
  return all;
}

std::vector<Prediction> Answering::answer(std::span<const Item> items, std::span<const Prompt> prompts, const AnswerOptions& options) {
  const std::vector<Prompt> all = with_bases(items, prompts);
  const bool has_choices = !setup_.task.labels.empty() && setup_.task.task == Task::kClassification;
  const bool by_head = options.by == AnswerBy::kHead || (options.by == AnswerBy::kAuto && (setup_.source.head_is_trained() || !has_choices));
  if (!by_head) {
    TrialModel& model = setup_.source.model(HeadKind::kLanguageModeling);
    const auto tokenizer = setup_.inputs.tokenizer(model.tokenizer);
    Choices choices = answer_by_choice(model, setup_.task, format_, tokenizer.get(), items, all,
                                       {.normalization = options.normalization, .share_prefixes = options.share_prefixes, .bf16 = setup_.bf16, .device = setup_.device});
    if (choices.truncated_items > 0 && setup_.warn) {
      setup_.warn(std::to_string(choices.truncated_items) + " items were too long for the model's " + std::to_string(model.max_length) +
                  " tokens even without anything before them, and lost their first " + std::to_string(choices.dropped_tokens) + " tokens");
    }
    return std::move(choices.predictions);
  }
  TrialModel& model = setup_.source.model(nn::head_kind(setup_.task.task));
  const auto tokenizer = setup_.inputs.tokenizer(model.tokenizer);
  const inference::ClassifyOptions classify{.batch_size = setup_.batch_size, .bf16 = setup_.bf16, .device = setup_.device, .frozen = setup_.source.frozen_states()};
  if (std::none_of(all.begin(), all.end(), has_blocks)) return answer_by_head(model, setup_.task, setup_.prompt, tokenizer.get(), items, classify, setup_.training);

  if (!tokenizer) throw Error("the model has no tokenizer, so nothing can be put before its items");
  PromptOptions whole;
  whole.input = std::string("{") + kWhole + "}";
  std::vector<Item> rendered;
  std::vector<data::FittedPrompt> fitted;
  for (std::size_t i = 0; i < items.size(); ++i) {
    fitted.push_back(data::fit_prompt(all[i], format_.input(items[i]), model.max_length, [&](const std::string& text) { return static_cast<std::int64_t>(tokenizer->encode(text).ids.size()); }));
    rendered.push_back({items[i].id, {}});
    rendered.back().fields.set(kWhole, fitted.back().text);
  }
  std::vector<Prediction> predictions = answer_by_head(model, setup_.task, whole, tokenizer.get(), rendered, classify, setup_.training);
  for (std::size_t i = 0; i < items.size(); ++i) {
    predictions[i].used_ids = std::move(fitted[i].used_ids);
    predictions[i].dropped_ids = std::move(fitted[i].dropped_ids);
  }
  return predictions;
}

Embeddings Answering::embed(std::span<const Item> items, const EmbeddingOptions& options) {
  TrialModel& model = setup_.source.any_model();
  const auto tokenizer = setup_.inputs.tokenizer(model.tokenizer);
  const EmbedRequest request{.model = model, .prompt = setup_.prompt, .tokenizer = tokenizer.get(), .embedding = options,
                             .options = {.batch_size = setup_.batch_size, .bf16 = setup_.bf16, .device = setup_.device}, .weights_key = setup_.source.weights_key()};
  return embed_items(setup_.inputs, request, items);
}

std::shared_ptr<const Retriever> Answering::index(const PluginChoice& retriever, std::span<const Passage> corpus) {
  const std::string key = retrieval::index_key(setup_.registry, retriever.plugin, retriever.options, corpus);
  return setup_.inputs.retriever(key, [&] {
    return retrieval::indexed_retriever(setup_.registry, retriever.plugin, retriever.options, corpus, retrieval::default_index_cache()).retriever;
  });
}

}  // namespace temper::study
