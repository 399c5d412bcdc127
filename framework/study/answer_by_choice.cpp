// Prompts and labels to tokens, their log-probabilities to predictions.
#include "study/answer_by_choice.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include <temper/error.h>
#include <temper/label_prediction.h>

#include "data/encode_pair.h"
#include "data/fit_prompt.h"
#include "inference/classify.h"

namespace temper::study {

namespace {

// Items whose prompts are held as tokens at a time: enough that what they share costs nothing, few enough for any memory.
constexpr std::size_t kItemsAtOnce = 2048;

struct EncodedPrompt {
  std::vector<std::int32_t> context;
  std::vector<std::vector<std::int32_t>> labels;  // what each label adds
  std::vector<std::string> used_ids, dropped_ids;
  std::int64_t dropped_tokens = 0;
};

class PromptEncoder {
 public:
  PromptEncoder(const TrialModel& model, const PromptFormat& format, const Tokenizer& tokenizer, TooLong too_long)
      : model_(model), format_(format), tokenizer_(tokenizer), too_long_(too_long) {}

  EncodedPrompt encode(const Item& item, const Prompt& prompt) const {
    EncodedPrompt encoded = item.fields.ids(kInputIdsField) ? from_ids(item, prompt) : from_text(item, prompt);
    if (encoded.context.empty()) {
      const auto start = data::start_token(tokenizer_);
      if (!start) throw Error("item \"" + item.id + "\" is an empty prompt, and the tokenizer has no bos or eos token to stand in for it");
      encoded.context.push_back(*start);
    }
    for (std::size_t i = 0; i < encoded.labels.size(); ++i) {
      if (encoded.labels[i].empty()) {
        throw Error("item \"" + item.id + "\": the label \"" + format_.choices()[i] + "\" adds no token to the prompt", "spell it so that it does: [prompt] labels");
      }
      check_vocabulary(item, encoded.labels[i]);
    }
    check_vocabulary(item, encoded.context);
    cut(item, encoded);
    return encoded;
  }

 private:
  EncodedPrompt from_text(const Item& item, const Prompt& prompt) const {
    std::vector<data::TokenPair> pairs;
    std::string of_text;
    const auto longest = [&](const std::string& text) {
      pairs = data::encode_pairs(tokenizer_, text, format_.choices());
      of_text = text;
      std::size_t most = 0;
      for (const data::TokenPair& pair : pairs) most = std::max(most, pair.context.size() + pair.continuation.size());
      return static_cast<std::int64_t>(most);
    };
    data::FittedPrompt fitted = data::fit_prompt(prompt, format_.input(item), model_.max_length + 1, longest);  // the last token is not read
    if (pairs.empty() || of_text != fitted.text) longest(fitted.text);
    EncodedPrompt encoded{std::move(pairs.front().context), {}, std::move(fitted.used_ids), std::move(fitted.dropped_ids), 0};
    for (data::TokenPair& pair : pairs) encoded.labels.push_back(std::move(pair.continuation));
    return encoded;
  }

  EncodedPrompt from_ids(const Item& item, const Prompt& prompt) const {
    if (!prompt.blocks.empty()) throw Error("item \"" + item.id + "\" brings token ids, no text can be put before it", "give its text instead of " + std::string(kInputIdsField));
    EncodedPrompt encoded;
    const auto& ids = *item.fields.ids(kInputIdsField);
    for (const std::int64_t id : ids) encoded.context.push_back(static_cast<std::int32_t>(std::clamp<std::int64_t>(id, -1, model_.vocabulary)));
    for (const data::TokenPair& pair : data::encode_pairs(tokenizer_, "", format_.choices())) encoded.labels.push_back(pair.continuation);
    return encoded;
  }

  void check_vocabulary(const Item& item, const std::vector<std::int32_t>& ids) const {
    for (const std::int32_t id : ids) {
      if (id >= 0 && id < model_.vocabulary) continue;
      throw Error("item \"" + item.id + "\" has a token id outside the model's vocabulary of " + std::to_string(model_.vocabulary), "is the tokenizer the model's own?");
    }
  }

  // All labels behind the same context, so that they differ in nothing else.
  void cut(const Item& item, EncodedPrompt& encoded) const {
    std::size_t longest = 0;
    for (const auto& label : encoded.labels) longest = std::max(longest, label.size());
    const std::int64_t most = model_.max_length + 1 - static_cast<std::int64_t>(longest);
    if (most < 1) throw Error("the longest label has " + std::to_string(longest) + " tokens, the model reads at most " + std::to_string(model_.max_length));
    encoded.dropped_tokens = std::max<std::int64_t>(0, static_cast<std::int64_t>(encoded.context.size()) - most);
    if (encoded.dropped_tokens > 0 && too_long_ == TooLong::kError) {
      throw Error("item \"" + item.id + "\" is a prompt of " + std::to_string(encoded.context.size()) + " tokens, the model reads at most " + std::to_string(most) + " before the longest label",
                  "shorten it, or let it lose its first tokens: too_long = \"cut\", or --truncate left");
    }
    encoded.context.erase(encoded.context.begin(), encoded.context.begin() + static_cast<std::ptrdiff_t>(encoded.dropped_tokens));
  }

  const TrialModel& model_;
  const PromptFormat& format_;
  const Tokenizer& tokenizer_;
  TooLong too_long_;
};

double length_of(ChoiceNormalization normalization, std::int64_t tokens, const std::string& spelling) {
  if (normalization == ChoiceNormalization::kTokens) return static_cast<double>(tokens);
  if (normalization == ChoiceNormalization::kBytes) return static_cast<double>(spelling.size());
  return 1;
}

Prediction chosen(const std::string& id, const std::vector<std::string>& labels, std::vector<double> scores) {
  Prediction prediction = label_prediction(id, labels, inference::probabilities(std::span<const double>(scores)));
  prediction.logits = std::move(scores);
  return prediction;
}

// Adds the answers to some items.
void answer(TrialModel& model, const TaskInfo& task, const PromptFormat& format, const PromptEncoder& encoder, std::span<const Item> items,
            std::span<const Prompt> prompts, const ChoiceOptions& options, Choices& choices) {
  std::vector<EncodedPrompt> encoded(items.size());
  at::parallel_for(0, static_cast<std::int64_t>(items.size()), 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) encoded[static_cast<std::size_t>(i)] = encoder.encode(items[static_cast<std::size_t>(i)], prompts[static_cast<std::size_t>(i)]);
  });

  std::vector<inference::ScoreRequest> requests;
  for (const EncodedPrompt& prompt : encoded) {
    for (const auto& label : prompt.labels) requests.push_back({prompt.context, label});
    choices.truncated_items += prompt.dropped_tokens > 0 ? 1 : 0;
    choices.dropped_tokens += prompt.dropped_tokens;
  }
  std::int64_t told = 0;
  const auto tell = [&](std::int64_t rows, std::int64_t all) {  // items share passes, so their part of the rows stands for them
    const std::int64_t answered = all > 0 ? static_cast<std::int64_t>(items.size()) * rows / all : 0;
    if (options.answered && answered > told) options.answered(answered - told);
    told = std::max(told, answered);
  };
  const auto scores = inference::score(model.loaded.model, requests,
                                       {.batch_size = options.batch_size * static_cast<std::int64_t>(std::max<std::size_t>(1, task.labels.size())),  // of items, each with all labels
                                        .share = options.share_prefixes, .bf16 = options.bf16, .plain = options.plain, .device = options.device, .progress = tell},
                                       &choices.work);
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::vector<double> of_labels;
    for (std::size_t label = 0; label < task.labels.size(); ++label) {
      const inference::ScoreResult& score = scores.at(i * task.labels.size() + label);
      of_labels.push_back(score.logprob / length_of(options.normalization, score.tokens, format.choices()[label]));
    }
    Prediction prediction = chosen(items[i].id, task.labels, std::move(of_labels));
    prediction.used_ids = std::move(encoded[i].used_ids);
    prediction.dropped_ids = std::move(encoded[i].dropped_ids);
    choices.predictions.push_back(std::move(prediction));
  }
}

}  // namespace

Choices answer_by_choice(TrialModel& model, const TaskInfo& task, const PromptFormat& format, const Tokenizer* tokenizer, std::span<const Item> items,
                         std::span<const Prompt> prompts, const ChoiceOptions& options) {
  if (!tokenizer) throw Error("the model has no tokenizer, so labels cannot be spelled", "set model.tokenizer");
  const PromptEncoder encoder(model, format, *tokenizer, options.too_long);
  Choices choices;
  for (std::size_t first = 0; first < items.size(); first += kItemsAtOnce) {
    const std::size_t count = std::min(kItemsAtOnce, items.size() - first);
    answer(model, task, format, encoder, items.subspan(first, count), prompts.subspan(first, count), options, choices);
  }
  return choices;
}

}  // namespace temper::study
