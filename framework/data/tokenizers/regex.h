// Split expressions: written in Ruby's syntax, which the library `tokenizers` reads with Oniguruma, and run by PCRE2's JIT.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <temper/tokenizer.h>

namespace temper::data::tokenizers {

// The same expression for PCRE2 (with UTF, UCP and MULTILINE): shorthands and properties become Unicode 16's, nested sets and
// intersections become plain classes, `(?m)` becomes `(?s)`. Throws Error for what has no equal.
std::string ruby_to_pcre2(std::string_view pattern);

// Thread-safe.
class Regex {
 public:
  // Throws Error naming the pattern.
  explicit Regex(std::string_view ruby_pattern);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  // All matches in `text` (valid UTF-8), from left to right; an empty match right behind another match is none.
  // Throws Error when the expression takes absurdly many steps.
  std::vector<ByteRange> matches(std::string_view text) const;
  const std::string& pattern() const { return pattern_; }

  // A pattern that matches exactly this text.
  static std::string quoted(std::string_view literal);

 private:
  struct Code;
  std::unique_ptr<const Code> code_;
  std::string pattern_;
};

}  // namespace temper::data::tokenizers
