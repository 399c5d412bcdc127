// See written_text.h.
#include "study/written_text.h"

#include <algorithm>

#include <temper/error.h>

namespace temper::study {

namespace {

constexpr std::size_t kTokensBefore = 8;  // enough for the letters of a character, and for what a decoder does at a text's start

std::span<const std::int32_t> last(std::span<const std::int32_t> tokens, std::size_t most) { return tokens.last(std::min(most, tokens.size())); }

}  // namespace

std::string continuation_text(const Tokenizer& tokenizer, std::span<const std::int32_t> context, std::span<const std::int32_t> tokens) {
  const auto before = last(context, kTokensBefore);
  std::vector<std::int32_t> both(before.begin(), before.end());
  both.insert(both.end(), tokens.begin(), tokens.end());
  const std::string start = tokenizer.decode(before, true), whole = tokenizer.decode(both, true);
  return whole.starts_with(start) ? whole.substr(start.size()) : tokenizer.decode(tokens, true);
}

std::string without_blank(std::string_view text) { return std::string(text.starts_with(' ') ? text.substr(1) : text); }

StopStrings::StopStrings(std::vector<std::string> texts) : texts_(std::move(texts)) {
  for (const std::string& text : texts_) {
    if (text.empty()) throw Error("stop_strings holds an empty text, which every answer contains", "leave it out");
    longest_ = std::max(longest_, text.size());
  }
}

std::size_t StopStrings::find(std::string_view text) const {
  std::size_t first = std::string_view::npos;
  for (const std::string& stop : texts_) first = std::min(first, text.find(stop, text.starts_with(' ') ? 1 : 0));
  return first;
}

bool StopStrings::end(const Tokenizer& tokenizer, std::span<const std::int32_t> tokens, std::string_view blanks) const {
  if (texts_.empty()) return false;
  const auto window = last(tokens, longest_ + kTokensBefore + blanks.size());
  const std::string text = tokenizer.decode(window, true);
  // A blank in the middle of an answer is no first blank: a stop string may begin with it.
  if (window.size() < tokens.size()) return find("x" + text) != std::string::npos;
  return find(text.starts_with(blanks) ? std::string_view(text).substr(blanks.size()) : std::string_view(text)) != std::string::npos;
}

}  // namespace temper::study
