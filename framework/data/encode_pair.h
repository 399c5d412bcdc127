// A context and what continues it, as token ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <temper/tokenizer.h>

namespace temper::data {

struct TokenPair {
  std::vector<std::int32_t> context, continuation;
};

// As lm-evaluation-harness does (Gao et al. 2024): blanks at the context's end belong to the continuation, and both are tokenized as one
// text, without special tokens; what follows as many tokens as the context has alone is the continuation. An empty context gives no ids.
TokenPair encode_pair(const Tokenizer& tokenizer, std::string_view context, std::string_view continuation);

// The same for several continuations of one context, which is tokenized once.
std::vector<TokenPair> encode_pairs(const Tokenizer& tokenizer, std::string_view context, const std::vector<std::string>& continuations);

// What stands in for an empty context: the tokenizer's bos, else its eos.
std::optional<std::int32_t> start_token(const Tokenizer& tokenizer);

}  // namespace temper::data
