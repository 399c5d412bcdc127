// sentencepiece_decoder: pieces to text.
#include "data/tokenizers/sentencepiece_model.h"
#include "data/tokenizers/sentencepiece_normalizer.h"

#include <temper/utf8.h>

namespace temper::data::tokenizers {

namespace {

using Kind = SentencePieceFile::Kind;

constexpr std::string_view kMark = "\u2581", kReplacement = "\uFFFD";

std::string with_spaces(std::string_view piece) {
  std::string text;
  for (std::size_t at = 0; at < piece.size();) {
    const bool is_mark = piece.substr(at).starts_with(kMark);
    text += is_mark ? ' ' : piece[at];
    at += is_mark ? kMark.size() : 1;
  }
  return text;
}

class SentencePieceDecoder final : public Decoder {
 public:
  SentencePieceDecoder(const SentencePieceModel& model, const SentencePieceFile& file)
      : model_(model), unknown_surface_(file.unknown_surface), drops_first_mark_(file.normalizer.add_dummy_prefix || file.normalizer.remove_extra_whitespaces),
        drops_all_first_marks_(file.normalizer.remove_extra_whitespaces) {
    if (file.denormalizer && !file.denormalizer->character_map.empty()) denormalizer_ = std::make_unique<SentencePieceNormalizer>(*file.denormalizer, nullptr, false);
  }

  std::vector<std::string> apply(std::vector<std::string> pieces) const override {
    std::string text, bytes;
    bool is_start = true, dropped_mark = false;
    for (const std::string& piece : pieces) {
      const std::int32_t known = model_.vocabulary().id(piece);
      const Kind kind = known == kNoId ? Kind::kUnknown : model_.kind(known);
      if (kind == Kind::kByte) {
        bytes += static_cast<char>(std::stoi(piece.substr(3, 2), nullptr, 16));
        continue;
      }
      flush(bytes, text);
      is_start = is_start && !dropped_mark && text.empty();
      if (kind == Kind::kControl) continue;
      if (kind == Kind::kUnknown) {
        text += known == kNoId ? piece : unknown_surface_;
        continue;
      }
      std::string_view rest = piece;
      if (is_start && drops_first_mark_ && rest.starts_with(kMark)) {
        rest.remove_prefix(kMark.size());
        dropped_mark = !drops_all_first_marks_;
      }
      text += with_spaces(rest);
    }
    flush(bytes, text);
    if (denormalizer_) {
      const std::string valid = replace_invalid(text);
      AlignedText aligned(valid, 0);
      denormalizer_->apply(aligned);
      text = aligned.text();
    }
    return {text};
  }

 private:
  // Bytes are read as UTF-8; each that is not becomes U+FFFD.
  static void flush(std::string& bytes, std::string& text) {
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::size_t valid = valid_utf8_prefix(rest);
      text += rest.substr(0, valid);
      rest.remove_prefix(valid);
      if (rest.empty()) break;
      text += kReplacement;
      rest.remove_prefix(1);
    }
    bytes.clear();
  }

  const SentencePieceModel& model_;
  std::string unknown_surface_;
  bool drops_first_mark_, drops_all_first_marks_;
  std::unique_ptr<const SentencePieceNormalizer> denormalizer_;
};

}  // namespace

std::unique_ptr<Decoder> sentencepiece_decoder(const SentencePieceModel& model, const SentencePieceFile& file) {
  return std::make_unique<SentencePieceDecoder>(model, file);
}

}  // namespace temper::data::tokenizers
