// BERT's four steps, in their order.
#include "data/tokenizers/bert_normalizer.h"

#include "data/tokenizers/unicode_forms.h"

namespace temper::data::tokenizers {

namespace {

void space_out_cjk(AlignedText& text) {
  const std::u32string now = to_utf32(text.text());
  bool any = false;
  for (const char32_t c : now) any = any || is_cjk(c);
  if (!any) return;
  Rewriter rewriter(text);
  for (const char32_t c : now) {
    if (is_cjk(c)) {
      rewriter.add(' ', 0);
      rewriter.add(c, 1);
      rewriter.add(' ', 1);
    } else {
      rewriter.add(c, 0);
    }
  }
  rewriter.finish(text);
}

}  // namespace

void bert_normalize(AlignedText& text, const BertNormalization& options) {
  if (options.clean_text) {
    text.filter([](char32_t c) { return c != 0 && c != 0xFFFD && !is_bert_control(c); });
    text.map([](char32_t c) { return is_white_space(c) ? U' ' : c; });
  }
  if (options.handle_chinese_chars) space_out_cjk(text);
  if (options.strip_accents) {
    to_form(text, UnicodeForm::kNfd);
    text.filter([](char32_t c) { return !is_bert_accent(c); });
  }
  if (options.lowercase) to_lower(text);
}

void to_lower(AlignedText& text) {
  Rewriter rewriter(text);
  const std::string_view now = text.text();
  std::u32string lowered;
  for (const char *p = now.data(), *end = p + now.size(); p < end;) {
    lowered.clear();
    append_lower(next_character(p), lowered);
    for (std::size_t i = 0; i < lowered.size(); ++i) rewriter.add(lowered[i], i > 0);
  }
  rewriter.finish(text);
}

}  // namespace temper::data::tokenizers
