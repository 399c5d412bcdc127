// Prompts to tokens, tokens to answers.
#include "study/answer_by_generation.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include <temper/error.h>
#include <temper/example.h>

#include "data/encode_pair.h"
#include "data/fit_prompt.h"
#include "data/stop_tokens.h"
#include "inference/score.h"
#include "study/match_label.h"
#include "study/written_text.h"

namespace temper::study {

namespace {

std::size_t without_last_blanks(std::string_view text) { return text.find_last_not_of(" \t\n\r\f\v") + 1; }  // npos + 1 is 0

// Items whose prompts are held as tokens at a time.
constexpr std::size_t kItemsAtOnce = 2048;

template <class Ids>
void check_vocabulary(const Item& item, const Ids& ids, std::int64_t vocabulary) {
  for (const std::int64_t id : ids) {
    if (id >= 0 && id < vocabulary) continue;
    throw Error("item \"" + item.id + "\" has the token id " + std::to_string(id) + ", the model's vocabulary has " + std::to_string(vocabulary) + " tokens", "is the tokenizer the model's own?");
  }
}

struct EncodedPrompt {
  ReadPrompt read;
  std::vector<std::string> used_ids, dropped_ids;
  std::int64_t dropped_tokens = 0;
};

class PromptEncoder {
 public:
  PromptEncoder(const TrialModel& model, const PromptFormat& format, const Tokenizer* tokenizer, const WriteOptions& options)
      : model_(model), format_(format), tokenizer_(tokenizer), too_long_(options.too_long), keep_blanks_(options.keep_blanks), most_(model.max_length - options.generation.max_new_tokens) {
    if (most_ < 1 && too_long_ == TooLong::kCut) {
      throw Error("an answer may have " + std::to_string(options.generation.max_new_tokens) + " tokens, the model reads at most " + std::to_string(model.max_length) + ", the prompt included: nothing would be left of it",
                  "lower max_new_tokens");
    }
  }

  EncodedPrompt encode(const Item& item, const Prompt& prompt) const {
    EncodedPrompt encoded = item.fields.ids(kInputIdsField) ? from_ids(item, prompt) : from_text(item, prompt);
    std::vector<std::int32_t>& tokens = encoded.read.tokens;
    if (tokens.empty()) tokens.push_back(start(item));
    check_vocabulary(item, tokens, model_.vocabulary);
    const std::int64_t length = static_cast<std::int64_t>(tokens.size());
    if (too_long_ == TooLong::kError && length >= model_.max_length) {
      throw Error("item \"" + item.id + "\" is a prompt of " + std::to_string(length) + " tokens, the model reads at most " + std::to_string(model_.max_length) + ", its answer included",
                  "shorten it, or let it lose its first tokens: too_long = \"cut\", or --truncate left");
    }
    if (too_long_ == TooLong::kError || length <= most_) return encoded;
    encoded.dropped_tokens = length - most_;
    tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(encoded.dropped_tokens));
    return encoded;
  }

 private:
  EncodedPrompt from_text(const Item& item, const Prompt& prompt) const {
    if (!tokenizer_) throw Error("item \"" + item.id + "\" is text, and the model has no tokenizer", "set model.tokenizer, or give " + std::string(kInputIdsField));
    std::vector<std::int32_t> tokens;
    std::string of_text;
    bool is_encoded = false;
    const auto text_size = [&](const std::string& text) { return keep_blanks_ ? text.size() : without_last_blanks(text); };
    const auto encode = [&](const std::string& text) {
      tokens = encode_start(*tokenizer_, std::string_view(text).substr(0, text_size(text)));
      of_text = text;
      is_encoded = true;
      return static_cast<std::int64_t>(tokens.size());
    };
    data::FittedPrompt fitted = data::fit_prompt(prompt, format_.input(item), most_, encode);
    if (!is_encoded || of_text != fitted.text) encode(fitted.text);
    std::string blanks = fitted.text.substr(text_size(fitted.text));
    fitted.text.resize(fitted.text.size() - blanks.size());
    return {{std::move(tokens), std::move(fitted.text), std::move(blanks), false}, std::move(fitted.used_ids), std::move(fitted.dropped_ids), 0};
  }

  EncodedPrompt from_ids(const Item& item, const Prompt& prompt) const {
    if (!prompt.blocks.empty()) throw Error("item \"" + item.id + "\" brings token ids, no text can be put before it", "give its text instead of " + std::string(kInputIdsField));
    EncodedPrompt encoded;
    encoded.read.is_ids = true;
    const auto& ids = *item.fields.ids(kInputIdsField);
    check_vocabulary(item, ids, model_.vocabulary);  // before they are made narrower
    for (const std::int64_t id : ids) encoded.read.tokens.push_back(static_cast<std::int32_t>(id));
    return encoded;
  }

  std::int32_t start(const Item& item) const {
    const auto token = tokenizer_ ? data::start_token(*tokenizer_) : std::nullopt;
    if (!token) throw Error("item \"" + item.id + "\" is an empty prompt, and there is no bos or eos token to stand in for it");
    return *token;
  }

  const TrialModel& model_;
  const PromptFormat& format_;
  const Tokenizer* tokenizer_;
  TooLong too_long_;
  bool keep_blanks_;
  std::int64_t most_;  // tokens of a prompt, so that the longest answer fits too
};

// What a result says, and which answer of the task that is.
Generated written_text(const inference::GenerateResult& result, const ReadPrompt& read, const Tokenizer* tokenizer, const StopStrings& stops) {
  Generated generated{.text = {}, .tokens = result.tokens, .prompt_tokens = static_cast<std::int64_t>(read.tokens.size()), .logprob = result.logprob, .finish = std::string(to_string(result.finish))};
  if (!tokenizer) return generated;
  generated.text = continuation_text(*tokenizer, read.tokens, result.tokens);
  if (generated.text.starts_with(read.blanks)) generated.text.erase(0, read.blanks.size());
  const std::size_t end = stops.find(generated.text);
  if (end == std::string::npos) return generated;
  generated.text.resize(end);
  generated.finish = to_string(inference::Finish::kStopString);
  return generated;
}

// Adds the answers to some items.
void answer(TrialModel& model, const TaskInfo& task, const PromptFormat& format, const Tokenizer* tokenizer, const PromptEncoder& encoder, const StopStrings& stops,
            std::span<const Item> items, std::span<const Prompt> prompts, const WriteOptions& options, Written& written) {
  std::vector<EncodedPrompt> encoded(items.size());
  at::parallel_for(0, static_cast<std::int64_t>(items.size()), 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) encoded[static_cast<std::size_t>(i)] = encoder.encode(items[static_cast<std::size_t>(i)], prompts[static_cast<std::size_t>(i)]);
  });

  std::vector<inference::GenerateResult> results;
  if (options.write) {
    std::vector<inference::GenerateRequest> requests;
    for (std::size_t i = 0; i < items.size(); ++i) requests.push_back({encoded[i].read.tokens, item_key(items[i].id)});
    inference::GenerateOptions generate;
    generate.generation = options.generation;
    generate.seed = options.seed;
    generate.stop_tokens = data::stop_tokens(model.loaded.generation_config, model.loaded.config, tokenizer);
    if (!stops.empty()) generate.text_ends = [&](std::size_t i, std::span<const std::int32_t> tokens) { return stops.end(*tokenizer, tokens, encoded[i].read.blanks); };
    if (options.rows) generate.rows = *options.rows;
    generate.bf16 = options.bf16;
    generate.plain = options.plain;
    generate.device = options.device;
    if (options.answered) generate.on_done = [&](std::size_t, const inference::GenerateResult&) { options.answered(1); };
    generate.work = &written.work;
    results = inference::generate(model.loaded.model, requests, generate);
  }

  for (std::size_t i = 0; i < items.size(); ++i) {
    Prediction prediction;
    prediction.id = items[i].id;
    std::string text;
    if (options.write) {
      prediction.generated = written_text(results[i], encoded[i].read, tokenizer, stops);
      text = without_blank(prediction.generated->text);
    }
    if (task.task == Task::kClassification) prediction.value = Label{match_label(text, format, task.labels)};
    else prediction.value = Text{std::move(text)};
    prediction.used_ids = std::move(encoded[i].used_ids);
    prediction.dropped_ids = std::move(encoded[i].dropped_ids);
    written.truncated_items += encoded[i].dropped_tokens > 0 ? 1 : 0;
    written.dropped_tokens += encoded[i].dropped_tokens;
    written.predictions.push_back(std::move(prediction));
    written.prompts.push_back(std::move(encoded[i].read));
  }
}

}  // namespace

std::vector<std::int32_t> encode_start(const Tokenizer& tokenizer, std::string_view text) {
  // How many special tokens begin a text cannot be told from an empty one.
  const Encoding encoding = tokenizer.encode(text.empty() ? std::string_view("a") : text);
  std::vector<std::int32_t> ids;
  std::size_t end = encoding.ids.size();
  const auto is_special = [&](std::size_t i) { return i < encoding.is_special.size() && encoding.is_special[i] != 0; };
  while (end > 0 && is_special(end - 1)) --end;
  for (std::size_t i = 0; i < end && (!text.empty() || is_special(i)); ++i) ids.push_back(encoding.ids[i]);
  return ids;
}

Written answer_by_generation(TrialModel& model, const TaskInfo& task, const PromptFormat& format, const Tokenizer* tokenizer, std::span<const Item> items,
                             std::span<const Prompt> prompts, const WriteOptions& options) {
  if (task.task == Task::kClassification && !tokenizer) throw Error("the model has no tokenizer, so no label can be read from what it writes", "set model.tokenizer");
  const StopStrings stops(options.generation.stop_strings.value_or(std::vector<std::string>()));
  if (!stops.empty() && !tokenizer) throw Error("stop_strings are texts, and the model has no tokenizer", "set model.tokenizer");
  const PromptEncoder encoder(model, format, tokenizer, options);
  Written written;
  for (std::size_t first = 0; first < items.size(); first += kItemsAtOnce) {
    const std::size_t count = std::min(kItemsAtOnce, items.size() - first);
    answer(model, task, format, tokenizer, encoder, stops, items.subspan(first, count), prompts.subspan(first, count), options, written);
  }
  return written;
}

void score_references(TrialModel& model, const PromptFormat& format, const Tokenizer& tokenizer, std::span<const ReadPrompt> prompts, std::span<const Targets> targets,
                      const WriteOptions& options, std::span<Prediction> predictions) {
  std::vector<inference::ScoreRequest> requests;
  std::vector<std::size_t> of_item;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    if (targets[i].empty()) continue;
    const std::string answer = prompts[i].blanks + format.answer(targets[i].front());
    std::vector<std::int32_t> tokens;
    if (prompts[i].is_ids) {
      tokens = tokenizer.encode(answer, {.add_special_tokens = false}).ids;
    } else {
      // Prompt and answer as one text: what follows as many tokens as the prompt has alone.
      const std::size_t before = encode_start(tokenizer, prompts[i].text).size();
      tokens = encode_start(tokenizer, prompts[i].text + answer);
      tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(std::min(before, tokens.size())));
    }
    if (tokens.empty()) continue;
    check_vocabulary({predictions[i].id, {}}, tokens, model.vocabulary);
    requests.push_back({prompts[i].tokens, std::move(tokens)});
    of_item.push_back(i);
  }
  const auto scores = inference::score(model.loaded.model, requests, {.truncate_left = true, .share = !options.plain, .bf16 = options.bf16, .plain = options.plain, .device = options.device});
  for (std::size_t i = 0; i < scores.size(); ++i) {
    predictions[of_item[i]].nll = -scores[i].logprob;
    const bool is_label = std::holds_alternative<Label>(targets[of_item[i]].front());
    predictions[of_item[i]].nll_tokens = is_label ? 1 : scores[i].tokens;
  }
}

}  // namespace temper::study
