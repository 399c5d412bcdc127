// What tokens say behind the text that they continue, and where it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <temper/tokenizer.h>

namespace temper::study {

// Without special tokens. Some tokenizers drop the blank that a text begins with, so `tokens` are read together with the end of `context`.
std::string continuation_text(const Tokenizer& tokenizer, std::span<const std::int32_t> context, std::span<const std::int32_t> tokens);

// A text that was written behind a prompt, without the one blank that parts both: the inverse of PromptFormat::answer.
std::string without_blank(std::string_view text);

// Texts that end an answer.
class StopStrings {
 public:
  explicit StopStrings(std::vector<std::string> texts);  // throws Error where one is empty
  bool empty() const { return texts_.empty(); }
  // Where the first of them begins, npos where there is none. The blank that a text begins with is no part of one.
  std::size_t find(std::string_view text) const;
  // Whether the last token of an answer completes one. Looks at the answer's end only: a token writes at least a byte. `blanks` that an
  // answer begins with are no part of one either.
  bool end(const Tokenizer& tokenizer, std::span<const std::int32_t> tokens, std::string_view blanks = {}) const;

 private:
  std::vector<std::string> texts_;
  std::size_t longest_ = 0;  // bytes
};

}  // namespace temper::study
