// A text as lower-cased words: what retrievers that count words look at.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace temper {

// Calls take(word) for each run of two or more word characters (letters, numbers, underscore; Unicode 17) of the lower-cased text,
// in its order; a word is valid during its call only. It is what Python's re.findall(r"(?u)\b\w\w+\b", text.lower()) gives, but for the
// capital sigma, which is lowered to the same letter everywhere. Invalid bytes separate words.
class LowerWords {
 public:
  explicit LowerWords(std::string_view text) : text_(text) {}

  template <class Take>
  void for_each(Take&& take) {
    while (next()) take(std::string_view(word_));
  }

 private:
  bool next();  // the next word into word_

  std::string_view text_;
  std::size_t at_ = 0;
  std::string word_;
  std::u32string lowered_;      // of the character at hand; one or two
  std::size_t lowered_at_ = 0;
};

}  // namespace temper
