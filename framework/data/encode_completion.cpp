// Supervised fine-tuning of a language model: what is to be written behind a prompt.
#include <algorithm>

#include <temper/error.h>

#include "data/encode_pair.h"
#include "data/encode_parts.h"
#include "data/task_encoders.h"

namespace temper::data {

namespace {

struct Completion {
  std::vector<std::int32_t> prompt;  // with the special tokens that the tokenizer begins a text with
  std::vector<std::int32_t> answer;  // with the token that ends it, where there is one
  std::int64_t dropped_tokens = 0;
};

// Both are tokenized as one text, so that blanks between them go where they go in a text (see encode_pair). `end`: by default the tokenizer's
// eos. Where they are longer than `max_length` the prompt loses its first tokens, and an answer that is too long alone its last ones. An empty
// prompt is bos, else eos.
Completion encode_completion(const Tokenizer& tokenizer, const Frame& frame, std::string_view prompt, std::string_view answer,
                             std::optional<std::int32_t> end, const std::optional<std::int64_t>& max_length) {
  TokenPair pair = encode_pair(tokenizer, prompt, answer);
  Completion completion;
  completion.answer = std::move(pair.continuation);
  if (!end) end = tokenizer.special_ids().eos;
  if (end) completion.answer.push_back(*end);
  std::vector<std::int32_t> begin = frame.before;
  if (begin.empty() && pair.context.empty()) {
    if (const auto start = start_token(tokenizer)) begin.push_back(*start);
  }
  if (max_length) {
    const std::int64_t room = std::max<std::int64_t>(*max_length - static_cast<std::int64_t>(begin.size()), 0);
    // A token of the prompt stays where there is one: without any the answer's first token could not be learned.
    const std::int64_t for_answer = room - (begin.empty() && !pair.context.empty() ? 1 : 0);
    const auto keep = [&](std::vector<std::int32_t>& ids, std::int64_t most, bool the_last) {
      const std::int64_t over = static_cast<std::int64_t>(ids.size()) - std::max<std::int64_t>(most, 0);
      if (over <= 0) return;
      completion.dropped_tokens += over;
      if (the_last) ids.erase(ids.begin(), ids.begin() + over);
      else ids.resize(ids.size() - static_cast<std::size_t>(over));
    };
    keep(completion.answer, for_answer, false);
    keep(pair.context, room - static_cast<std::int64_t>(completion.answer.size()), true);
  }
  completion.prompt = std::move(begin);
  completion.prompt.insert(completion.prompt.end(), pair.context.begin(), pair.context.end());
  return completion;
}

class CompletionEncoder final : public ItemEncoder {
 public:
  explicit CompletionEncoder(const EncoderSetup& setup) : format_(setup.prompt, setup.task), tokenizer_(setup.tokenizer), settings_(setup.settings) {
    if (tokenizer_) frame_ = frame_of_text(*tokenizer_);
  }

 private:
  EncodedItem encoded(const Item& item, const Targets* targets) const override {
    const Tokenizer& tokenizer = need_tokenizer(item, tokenizer_);
    if (targets && targets->empty()) throw item_error(item, "has no target, expected a text");
    if (targets && !std::holds_alternative<Text>(targets->front())) throw item_error(item, "has a target that is no text");
    // Of several answers that are right the first is learned.
    Completion completion = encode_completion(tokenizer, frame_, format_.input(item), targets ? format_.answer(targets->front()) : std::string(), settings_.end_token, settings_.max_length);
    if (!targets) completion.answer.clear();
    EncodedItem encoded;
    encoded.dropped_tokens = completion.dropped_tokens;
    Example& example = encoded.examples.emplace_back();
    example.key = item_key(item.id);
    example.ids = std::move(completion.prompt);
    if (targets) {
      if (settings_.completion_only_loss) example.labels.assign(example.ids.size(), kIgnored);
      else example.labels.assign(example.ids.begin(), example.ids.end());
      example.labels.insert(example.labels.end(), completion.answer.begin(), completion.answer.end());
    }
    example.ids.insert(example.ids.end(), completion.answer.begin(), completion.answer.end());
    if (example.ids.empty()) throw item_error(item, "has no token, and the tokenizer has no bos or eos that could stand for it");
    check_vocabulary(item, example.ids, settings_.vocabulary);
    return encoded;
  }

  PromptFormat format_;
  const Tokenizer* tokenizer_;
  EncodeSettings settings_;
  Frame frame_;
};

}  // namespace

std::unique_ptr<ItemEncoder> completion_encoder(const EncoderSetup& setup) { return std::make_unique<CompletionEncoder>(setup); }

}  // namespace temper::data
