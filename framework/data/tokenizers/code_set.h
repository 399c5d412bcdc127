// Sets of code points as sorted ranges, for the character classes of split expressions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace temper::data::tokenizers {

class CodeSet {
 public:
  void add(char32_t first, char32_t last);
  void add(const CodeSet& other);
  CodeSet complement() const;
  CodeSet intersection(const CodeSet& other) const;
  bool contains(char32_t c) const;
  // As the inside of a PCRE2 class: "\x{41}-\x{5a}..."
  std::string ranges() const;

 private:
  void normalise() const;
  mutable std::vector<std::pair<char32_t, char32_t>> ranges_;  // sorted and apart when is_normal_
  mutable bool is_normal_ = true;
};

// What a class of Oniguruma holds, and how PCRE2 says it: `inside` stands between [ and ].
struct ClassItem {
  CodeSet set;
  std::string inside;
};

// Categories of Unicode 16, whatever version PCRE2 has: its own property, and the characters that it does not know yet.
ClassItem categories_item(std::uint32_t categories);
// A property, POSIX bracket or shorthand by its name: "L", "Letter", "alpha", "space", "Han"... False when there is none.
bool named_item(std::string_view name, ClassItem& item);
// \w outside of brackets, which also holds the superscripts and fractions of Latin-1.
ClassItem bare_word_item();
// The same set, inverted.
ClassItem inverted(const ClassItem& item);

}  // namespace temper::data::tokenizers
