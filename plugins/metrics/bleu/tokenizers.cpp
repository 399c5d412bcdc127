// sacreBLEU's tokenizers. Each is a sequence of replacements over the whole line, made here by hand in the same order.
#include "tokenizers.h"

#include <temper/texts.h>

namespace bleu {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  if (text.find(from) == std::string::npos) return;
  std::string result;
  for (std::size_t at = 0;;) {
    const std::size_t found = text.find(from, at);
    result.append(text, at, found - at);
    if (found == std::string::npos) break;
    result += to;
    at = found + from.size();
  }
  text = std::move(result);
}

// ASCII symbols and punctuation but for . , - ' which depend on what stands beside them.
bool stands_alone(char c) { return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') || (c >= ':' && c <= '@') || c == '/'; }
bool is_stop(char c) { return c == '.' || c == ','; }

// Over pairs of neighbours that do not overlap: where both fit, `before` and `between` and `behind` are put around them.
template <class Text, class First, class Second>
Text around_pairs(const Text& text, First first, Second second, bool before, bool behind) {
  using Character = typename Text::value_type;
  Text result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i + 1 < text.size() && first(text[i]) && second(text[i + 1])) {
      if (before) result += Character(' ');
      result += text[i];
      result += Character(' ');
      result += text[++i];
      if (behind) result += Character(' ');
    } else {
      result += text[i];
    }
  }
  return result;
}

// Bytes will do: all that is looked for is ASCII, and the bytes of other characters are neither digits nor stops.
std::string v13a(std::string_view line) {
  std::string text(line);
  replace_all(text, "<skipped>", "");
  replace_all(text, "-\n", "");
  replace_all(text, "\n", " ");
  replace_all(text, "&quot;", "\"");
  replace_all(text, "&amp;", "&");
  replace_all(text, "&lt;", "<");
  replace_all(text, "&gt;", ">");
  std::string spaced = " ";
  for (const char c : " " + text + " ") {
    if (stands_alone(c)) spaced.append({' ', c, ' '});
    else spaced += c;
  }
  const auto no_digit = [](char c) { return !is_digit(c); };
  spaced = around_pairs(spaced, no_digit, is_stop, false, true);
  spaced = around_pairs(spaced, is_stop, no_digit, true, false);
  return around_pairs(spaced, is_digit, [](char c) { return c == '-'; }, false, true);
}

std::string international(std::string_view line) {
  std::u32string text = temper::to_characters(line);
  const auto no_number = [](char32_t c) { return !temper::is_number(c); };
  text = around_pairs(text, no_number, temper::is_punctuation, false, true);
  text = around_pairs(text, temper::is_punctuation, no_number, true, false);
  std::u32string spaced;
  for (const char32_t c : text) {
    if (temper::is_symbol(c)) spaced.append({U' ', c, U' '});
    else spaced += c;
  }
  return temper::to_bytes(spaced);
}

std::string characters(std::string_view line) {
  std::u32string spaced;
  for (const char32_t c : temper::to_characters(line)) spaced.append({c, U' '});
  return temper::to_bytes(spaced);
}

}  // namespace

std::string tokenize(std::string_view line, Tokenizer tokenizer) {
  switch (tokenizer) {
    case Tokenizer::k13a: return v13a(line);
    case Tokenizer::kIntl: return international(line);
    case Tokenizer::kChar: return characters(line);
    case Tokenizer::kNone: break;
  }
  return std::string(line);
}

}  // namespace bleu
