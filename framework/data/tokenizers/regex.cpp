// Regex: PCRE2 with JIT, one match data per call.
#include "data/tokenizers/regex.h"

#include "data/tokenizers/unicode.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace temper::data::tokenizers {

struct Regex::Code {
  pcre2_code* code = nullptr;
  ~Code() { pcre2_code_free(code); }
};

namespace {

std::string message_of(int error) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(error, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

struct MatchData {
  explicit MatchData(const pcre2_code* code) : data(pcre2_match_data_create_from_pattern(code, nullptr)) {}
  ~MatchData() { pcre2_match_data_free(data); }
  pcre2_match_data* data;
};

}  // namespace

Regex::Regex(std::string_view ruby_pattern) : pattern_(ruby_pattern) {
  const std::string translated = ruby_to_pcre2(ruby_pattern);
  auto code = std::make_unique<Code>();
  int error = 0;
  PCRE2_SIZE at = 0;
  pcre2_compile_context* context = pcre2_compile_context_create(nullptr);
  pcre2_set_newline(context, PCRE2_NEWLINE_LF);
  code->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(), PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE, &error, &at, context);
  pcre2_compile_context_free(context);
  if (!code->code) throw Error("the expression \"" + pattern_ + "\" is not understood: " + message_of(error));
  pcre2_jit_compile(code->code, PCRE2_JIT_COMPLETE);  // where there is no JIT, pcre2_match interprets
  code_ = std::move(code);
}

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

std::vector<ByteRange> Regex::matches(std::string_view text) const {
  std::vector<ByteRange> found;
  MatchData match(code_->code);
  const PCRE2_SIZE* at = pcre2_get_ovector_pointer(match.data);
  std::size_t from = 0;
  bool had_match = false;
  std::size_t last_end = 0;
  while (from <= text.size()) {
    int result = pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, PCRE2_NO_UTF_CHECK, match.data, nullptr);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT)  // the interpreter keeps its backtracking on the heap
      result = pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, match.data, nullptr);
    if (result == PCRE2_ERROR_NOMATCH) break;
    if (result < 0) throw Error("the expression \"" + pattern_ + "\" failed on a text of " + std::to_string(text.size()) + " bytes: " + message_of(result));
    const std::size_t begin = at[0], end = at[1];
    if (begin == end && had_match && end == last_end) {
      ++from;
      while (from < text.size() && is_continuation(text[from])) ++from;
      continue;
    }
    found.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
    had_match = true;
    from = last_end = end;
  }
  return found;
}

std::string Regex::quoted(std::string_view literal) {
  std::string pattern;
  for (const char c : literal) {
    if (static_cast<unsigned char>(c) < 0x80 && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && c > ' ') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace temper::data::tokenizers
