// See match_label.h.
#include "study/match_label.h"

#include <temper/item.h>

namespace temper::study {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr const char* kBlanks = " \t\n\r\f\v";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// Of ASCII alone: elsewhere words need no blank between them.
bool is_of_word(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool begins_with(std::string_view text, std::string_view spelling) {
  if (spelling.empty() || !text.starts_with(spelling)) return false;
  return text.size() == spelling.size() || !is_of_word(spelling.back()) || !is_of_word(text[spelling.size()]);
}

}  // namespace

std::string match_label(std::string_view text, const PromptFormat& format, const std::vector<std::string>& labels) {
  const std::string_view written = trimmed(text);
  std::string_view longest;
  std::string label = kNoLabel;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::string_view spelling = trimmed(format.choices().at(i));
    if (begins_with(written, spelling) && spelling.size() > longest.size()) {  // an equal text is the longest that there can be
      longest = spelling;
      label = labels[i];
    }
  }
  return label;
}

}  // namespace temper::study
