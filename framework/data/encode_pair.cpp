// Contexts and continuations to ids.
#include "data/encode_pair.h"

#include <algorithm>
#include <string>

namespace temper::data {

namespace {

std::size_t without_last_blanks(std::string_view text) { return text.find_last_not_of(" \t\n\r\f\v") + 1; }  // npos + 1 is 0

std::vector<std::int32_t> encode(const Tokenizer& tokenizer, std::string_view text) {
  EncodeOptions options;
  options.add_special_tokens = false;
  return text.empty() ? std::vector<std::int32_t>() : tokenizer.encode(text, options).ids;
}

}  // namespace

std::vector<TokenPair> encode_pairs(const Tokenizer& tokenizer, std::string_view context, const std::vector<std::string>& continuations) {
  const std::vector<std::int32_t> before = encode(tokenizer, context.substr(0, without_last_blanks(context)));
  std::vector<TokenPair> pairs;
  for (const std::string& continuation : continuations) {
    const std::vector<std::int32_t> whole = encode(tokenizer, std::string(context) + continuation);
    pairs.push_back({before, {whole.begin() + static_cast<std::ptrdiff_t>(std::min(whole.size(), before.size())), whole.end()}});
  }
  return pairs;
}

TokenPair encode_pair(const Tokenizer& tokenizer, std::string_view context, std::string_view continuation) {
  return std::move(encode_pairs(tokenizer, context, {std::string(continuation)}).front());
}

std::optional<std::int32_t> start_token(const Tokenizer& tokenizer) {
  const SpecialIds special = tokenizer.special_ids();
  return special.bos ? special.bos : special.eos;
}

}  // namespace temper::data
