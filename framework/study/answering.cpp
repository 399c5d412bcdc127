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

AnswerBy Answering::answers_by(AnswerBy asked) const {
  const Task task = setup_.task.task;
  if (asked == AnswerBy::kAuto) {
    if (task == Task::kGeneration) return AnswerBy::kGeneration;
    return setup_.source.head_is_trained() || task != Task::kClassification ? AnswerBy::kHead : AnswerBy::kChoice;
  }
  const std::string name(to_string(task));
  if (asked == AnswerBy::kHead && task == Task::kGeneration) throw Error("no head answers the task " + name, "answer by generation");
  if (asked == AnswerBy::kChoice && task != Task::kClassification) throw Error("a choice needs labels to choose among, the task " + name + " has none", "answer by generation");
  if (asked == AnswerBy::kGeneration && task != Task::kClassification && task != Task::kGeneration) throw Error("a text is no answer of the task " + name);
  return asked;
}

void Answering::count_truncation(const TrialModel& model, std::int64_t items, std::int64_t dropped_tokens, bool at_end) {
  if (items == 0) return;
  truncation_.items += items;
  truncation_.dropped_tokens += dropped_tokens;
  truncation_.at_end = at_end;
  if (!setup_.warn) return;
  const std::string limit = std::to_string(model.max_length), lost = std::to_string(dropped_tokens) + " tokens";
  if (at_end) setup_.warn(std::to_string(items) + " items were longer than " + limit + " tokens and lost their last " + lost);
  else setup_.warn(std::to_string(items) + " items were too long for the model's " + limit + " tokens even without anything before them, and lost their first " + lost);
}

std::vector<Prediction> Answering::by_choice(std::span<const Item> items, std::span<const Prompt> prompts, const AnswerOptions& options) {
  TrialModel& model = setup_.source.model(HeadKind::kLanguageModeling);
  const auto tokenizer = setup_.inputs.tokenizer(model.tokenizer);
  Choices choices = answer_by_choice(model, setup_.task, format_, tokenizer.get(), items, prompts,
                                     {.normalization = options.normalization, .too_long = setup_.too_long.value_or(options.too_long), .share_prefixes = options.share_prefixes, .bf16 = setup_.bf16, .device = setup_.device, .answered = setup_.answered});
  count_truncation(model, choices.truncated_items, choices.dropped_tokens, false);
  return std::move(choices.predictions);
}

std::vector<Prediction> Answering::by_generation(std::span<const Item> items, std::span<const Prompt> prompts, const AnswerOptions& options) {
  TrialModel& model = setup_.source.model(HeadKind::kLanguageModeling);
  const auto tokenizer = setup_.inputs.tokenizer(model.tokenizer);
  Written written = answer_by_generation(model, setup_.task, format_, tokenizer.get(), items, prompts,
                                         {.generation = options.generation, .too_long = setup_.too_long.value_or(options.too_long), .seed = setup_.seed, .rows = setup_.generated_rows, .keep_blanks = setup_.keep_blanks, .write = writes_,
                                          .bf16 = setup_.bf16, .plain = !options.share_prefixes, .device = setup_.device, .answered = setup_.answered});
  count_truncation(model, written.truncated_items, written.dropped_tokens, false);
  asked_ = options;
  for (std::size_t i = 0; setup_.keep_prompts && i < items.size(); ++i) prompts_.insert_or_assign(items[i].id, std::move(written.prompts[i]));
  return std::move(written.predictions);
}

void Answering::score_references(std::span<const Targets> targets, std::span<Prediction> predictions) {
  std::vector<ReadPrompt> prompts;
  std::vector<Targets> references;
  std::vector<Prediction> scored;
  std::vector<std::size_t> of_prediction;
  for (std::size_t i = 0; i < predictions.size() && i < targets.size(); ++i) {
    const auto found = prompts_.find(predictions[i].id);
    if (found == prompts_.end()) continue;
    prompts.push_back(std::move(found->second));
    references.push_back(targets[i]);
    scored.emplace_back().id = predictions[i].id;
    of_prediction.push_back(i);
  }
  prompts_.clear();
  if (prompts.empty()) return;
  TrialModel& model = setup_.source.model(HeadKind::kLanguageModeling);
  const auto tokenizer = setup_.inputs.tokenizer(model.tokenizer);
  if (!tokenizer) return;
  study::score_references(model, format_, *tokenizer, prompts, references, {.bf16 = setup_.bf16, .plain = !asked_.share_prefixes, .device = setup_.device}, scored);
  for (std::size_t i = 0; i < scored.size(); ++i) {
    predictions[of_prediction[i]].nll = scored[i].nll;
    predictions[of_prediction[i]].nll_tokens = scored[i].nll_tokens;
  }
}

std::vector<Prediction> Answering::answer(std::span<const Item> items, std::span<const Prompt> prompts, const AnswerOptions& options) {
  const std::vector<Prompt> all = with_bases(items, prompts);
  const AnswerBy by = answers_by(options.by);
  if (by == AnswerBy::kGeneration) return by_generation(items, all, options);
  if (by == AnswerBy::kChoice) return by_choice(items, all, options);
  TrialModel& model = setup_.source.model(nn::head_kind(setup_.task.task));
  const auto tokenizer = setup_.inputs.tokenizer(model.tokenizer);
  const inference::ClassifyOptions classify{.batch_size = setup_.batch_size, .bf16 = setup_.bf16, .device = setup_.device, .frozen = setup_.source.frozen_states()};
  if (std::none_of(all.begin(), all.end(), has_blocks)) {
    HeadAnswers answers = answer_by_head(model, setup_.task, setup_.prompt, tokenizer.get(), items, classify, setup_.training);
    count_truncation(model, answers.truncated_items, answers.dropped_tokens, true);
    return std::move(answers.predictions);
  }

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
  HeadAnswers answers = answer_by_head(model, setup_.task, whole, tokenizer.get(), rendered, classify, setup_.training);
  count_truncation(model, answers.truncated_items, answers.dropped_tokens, true);
  std::vector<Prediction> predictions = std::move(answers.predictions);
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
  EmbeddedItems embedded = embed_items(setup_.inputs, request, items);
  count_truncation(model, embedded.truncated_items, embedded.dropped_tokens, true);
  return std::move(embedded.embeddings);
}

std::shared_ptr<const Retriever> Answering::index(const PluginChoice& retriever, std::span<const Passage> corpus) {
  const std::string key = retrieval::index_key(setup_.registry, retriever.plugin, retriever.options, corpus);
  return setup_.inputs.retriever(key, [&] {
    return retrieval::indexed_retriever(setup_.registry, retriever.plugin, retriever.options, corpus, retrieval::default_index_cache()).retriever;
  });
}

}  // namespace temper::study
