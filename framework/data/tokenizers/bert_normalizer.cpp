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

BertNormalizer::BertNormalizer(const BertNormalization& options) : options_(options) {
  for (char32_t c = 0; c < 128; ++c) {
    std::u32string out;
    normalize_character(c, out);
    ascii_[c] = out.empty() ? '\0' : static_cast<char>(out[0]);
  }
}

// What becomes of one character under all steps. False when its marks may change places with its neighbours'.
bool BertNormalizer::normalize_character(char32_t c, std::u32string& out) const {
  if (options_.clean_text) {
    if (c == 0 || c == 0xFFFD || is_bert_control(c)) return true;
    if (is_white_space(c)) c = ' ';
  }
  const bool apart = options_.handle_chinese_chars && is_cjk(c);
  if (apart) out += U' ';
  std::u32string parts;
  if (options_.strip_accents) append_decomposed(c, parts);
  else parts += c;
  for (const char32_t part : parts) {
    if (options_.strip_accents && is_bert_accent(part)) continue;
    if (options_.strip_accents && canonical_combining_class(part) != 0) return false;
    if (options_.lowercase) append_lower(part, out);
    else out += part;
  }
  if (apart) out += U' ';
  return true;
}

void BertNormalizer::apply(AlignedText& text) const {
  if (!options_.clean_text || !text.is_source()) return apply_in_steps(text);  // NUL must be free to mean "gone"
  const std::string_view now = text.text();
  std::string buffer;
  std::vector<ByteRange> places;
  buffer.reserve(now.size() + 16);
  places.reserve(now.size() + 16);
  std::u32string normalized;
  std::string written;
  for (const char *p = now.data(), *end = p + now.size(); p < end;) {
    const std::uint32_t begin = text.base() + static_cast<std::uint32_t>(p - now.data());
    if (static_cast<unsigned char>(*p) < 0x80) {
      const char c = ascii_[static_cast<unsigned char>(*p++)];
      if (c == '\0') continue;
      buffer += c;
      places.push_back({begin, begin + 1});
      continue;
    }
    const char32_t c = next_character(p);
    normalized.clear();
    if (!normalize_character(c, normalized)) return apply_in_steps(text);
    written.clear();
    for (const char32_t n : normalized) append_utf8(n, written);
    buffer += written;
    places.insert(places.end(), written.size(), {begin, text.base() + static_cast<std::uint32_t>(p - now.data())});
  }
  text.assign(std::move(buffer), std::move(places));
}

void BertNormalizer::apply_in_steps(AlignedText& text) const {
  if (options_.clean_text) {
    text.filter([](char32_t c) { return c != 0 && c != 0xFFFD && !is_bert_control(c); });
    text.map([](char32_t c) { return is_white_space(c) ? U' ' : c; });
  }
  if (options_.handle_chinese_chars) space_out_cjk(text);
  if (options_.strip_accents) {
    to_form(text, UnicodeForm::kNfd);
    text.filter([](char32_t c) { return !is_bert_accent(c); });
  }
  if (options_.lowercase) to_lower(text);
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
