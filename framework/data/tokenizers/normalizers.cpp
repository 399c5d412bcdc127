// All normalisers of tokenizer.json.
#include "data/tokenizers/bert_normalizer.h"
#include "data/tokenizers/components.h"
#include "data/tokenizers/json_object.h"
#include "data/tokenizers/pattern.h"
#include "data/tokenizers/byte_alphabet.h"
#include "data/tokenizers/precompiled.h"
#include "data/tokenizers/unicode_forms.h"

#include <functional>

namespace temper::data::tokenizers {

namespace {

void strip(AlignedText& text, bool left, bool right) {
  const std::u32string now = to_utf32(text.text());
  std::size_t begin = 0, end = now.size();
  while (left && begin < end && is_white_space(now[begin])) ++begin;
  while (right && end > begin && is_white_space(now[end - 1])) --end;
  if (begin == 0 && end == now.size()) return;
  Rewriter rewriter(text, begin);
  for (std::size_t i = begin; i < end; ++i) rewriter.add(now[i], i + 1 == end ? -static_cast<int>(now.size() - end) : 0);
  rewriter.finish(text);
}

// What sentencepiece's nmt rules do beside NFKC: controls go, odd spaces become plain ones.
void nmt(AlignedText& text) {
  text.filter([](char32_t c) {
    return !((c >= 1 && c <= 8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F);
  });
  text.map([](char32_t c) {
    const bool space = c == 9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 || (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
                       c == 0xFEFF || c == 0xFFFD;
    return space ? U' ' : c;
  });
}

void to_byte_alphabet(AlignedText& text) {
  const std::string_view now = text.text();
  Rewriter rewriter(text);
  for (const char *p = now.data(), *end = p + now.size(); p < end;) {
    const char* start = p;
    next_character(p);
    for (const char* byte = start; byte < p; ++byte) rewriter.add(character_of_byte(static_cast<unsigned char>(*byte)), byte > start);
  }
  rewriter.finish(text);
}

class Function final : public Normalizer {
 public:
  explicit Function(std::function<void(AlignedText&)> function) : function_(std::move(function)) {}
  void apply(AlignedText& text) const override { function_(text); }

 private:
  std::function<void(AlignedText&)> function_;
};

class Sequence final : public Normalizer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<Normalizer>> parts) : parts_(std::move(parts)) {}
  void apply(AlignedText& text) const override {
    for (const auto& part : parts_) part->apply(text);
  }

 private:
  std::vector<std::unique_ptr<Normalizer>> parts_;
};

std::unique_ptr<Normalizer> function(std::function<void(AlignedText&)> f) { return std::make_unique<Function>(std::move(f)); }

std::unique_ptr<Normalizer> make(const JsonObject& object) {
  const std::string type = object.type();
  if (type == "Sequence") {
    std::vector<std::unique_ptr<Normalizer>> parts;
    for (const JsonPlace& place : object.at("normalizers").items()) parts.push_back(read_normalizer(place));
    std::erase(parts, nullptr);
    return std::make_unique<Sequence>(std::move(parts));
  }
  if (type == "BertNormalizer" || type == "Bert") {
    BertNormalization options;
    options.clean_text = object.boolean_or("clean_text", true);
    options.handle_chinese_chars = object.boolean_or("handle_chinese_chars", true);
    options.lowercase = object.boolean_or("lowercase", true);
    options.strip_accents = object.optional_boolean("strip_accents").value_or(options.lowercase);
    return std::make_unique<BertNormalizer>(options);
  }
  if (type == "NFC") return function([](AlignedText& t) { to_form(t, UnicodeForm::kNfc); });
  if (type == "NFD") return function([](AlignedText& t) { to_form(t, UnicodeForm::kNfd); });
  if (type == "NFKC") return function([](AlignedText& t) { to_form(t, UnicodeForm::kNfkc); });
  if (type == "NFKD") return function([](AlignedText& t) { to_form(t, UnicodeForm::kNfkd); });
  if (type == "Lowercase") return function(to_lower);
  if (type == "StripAccents") return function([](AlignedText& t) { t.filter([](char32_t c) { return !is_mark(c); }); });
  if (type == "Nmt") return function(nmt);
  if (type == "ByteLevel") return function(to_byte_alphabet);
  if (type == "Strip") {
    const bool left = object.boolean_or("strip_left", true), right = object.boolean_or("strip_right", true);
    return function([left, right](AlignedText& t) { strip(t, left, right); });
  }
  if (type == "Prepend") return function([what = object.string("prepend")](AlignedText& t) { t.prepend(what); });
  if (type == "Replace") {
    auto regex = std::make_shared<Regex>(read_pattern(object.at("pattern")));
    return function([regex, content = object.string("content")](AlignedText& t) { t.replace(regex->matches(t.text()), content); });
  }
  if (type == "Precompiled") {
    auto map = std::make_shared<Precompiled>(object.at("precompiled_charsmap"));
    return function([map](AlignedText& t) { map->apply(t); });
  }
  object.fail("the normalizer \"" + type + "\" is unknown",
              "known are BertNormalizer, ByteLevel, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, Prepend, Replace, Sequence, Strip and StripAccents");
}

}  // namespace

std::unique_ptr<Normalizer> read_normalizer(const JsonPlace& place) {
  if (place.is_null()) return nullptr;
  const JsonObject object(place);
  auto made = make(object);
  object.finish();
  return made;
}

}  // namespace temper::data::tokenizers
