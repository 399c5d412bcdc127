// A prompt and its answer as token ids: the same for fine-tuning a language model and for asking it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <temper/tokenizer.h>

#include "data/encode_parts.h"

namespace temper::data {

struct Completion {
  std::vector<std::int32_t> prompt;  // with the special tokens that the tokenizer begins a text with; what a model is given to answer
  std::vector<std::int32_t> answer;  // ended by eos, where the tokenizer has one
  std::int64_t dropped_tokens = 0;
};

// Both are tokenized as one text, so that blanks between them go where they go in a text (see encode_pair). Where they are longer than
// `max_length` the prompt loses its first tokens, and an answer that is too long alone its last ones. An empty prompt is bos, else eos.
Completion encode_completion(const Tokenizer& tokenizer, const Frame& frame, std::string_view prompt, std::string_view answer,
                             const std::optional<std::int64_t>& max_length);

}  // namespace temper::data
