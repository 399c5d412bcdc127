// Small sentencepiece model files of our own making, as bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace temper::testing {

inline std::string protobuf_varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(0x80 | (value & 0x7F));
  return bytes + static_cast<char>(value);
}
inline std::string protobuf_integer(std::uint32_t field, std::uint64_t value) { return protobuf_varint(field << 3) + protobuf_varint(value); }
inline std::string protobuf_bytes(std::uint32_t field, const std::string& value) { return protobuf_varint(field << 3 | 2) + protobuf_varint(value.size()) + value; }
inline std::string protobuf_float(std::uint32_t field, float value) {
  std::string bytes(4, '\0');
  std::memcpy(bytes.data(), &value, 4);
  return protobuf_varint(field << 3 | 5) + bytes;
}

// The types of pieces, as the format numbers them.
enum PieceType { kNormalPiece = 1, kUnknownPiece = 2, kControlPiece = 3, kUserDefinedPiece = 4, kUnusedPiece = 5, kBytePiece = 6 };

struct SmallPiece {
  std::string text;
  float score = 0;
  PieceType type = kNormalPiece;
};

struct SmallSentencePiece {
  int model_type = 1;  // 1 Unigram, 2 BPE, 3 words, 4 characters
  std::vector<SmallPiece> pieces{{"<unk>", 0, kUnknownPiece}, {"<s>", 0, kControlPiece}, {"</s>", 0, kControlPiece}};
  bool byte_fallback = false, whitespace_as_suffix = false;
  bool add_dummy_prefix = true, remove_extra_whitespaces = true, escape_whitespaces = true;
  std::string unknown_surface;  // empty: not said
  std::string character_map;

  void add(const std::vector<SmallPiece>& more) { pieces.insert(pieces.end(), more.begin(), more.end()); }
  void add_bytes() {
    byte_fallback = true;
    for (int b = 0; b < 256; ++b) {
      const char* const digits = "0123456789ABCDEF";
      pieces.push_back({std::string("<0x") + digits[b / 16] + digits[b % 16] + ">", 0, kBytePiece});
    }
  }
  std::string bytes() const {
    std::string file;
    for (const SmallPiece& piece : pieces) file += protobuf_bytes(1, protobuf_bytes(1, piece.text) + protobuf_float(2, piece.score) + protobuf_integer(3, piece.type));
    std::string trainer = protobuf_integer(3, static_cast<std::uint64_t>(model_type)) + protobuf_integer(24, whitespace_as_suffix) + protobuf_integer(35, byte_fallback);
    if (!unknown_surface.empty()) trainer += protobuf_bytes(44, unknown_surface);
    std::string normalizer = protobuf_bytes(1, "small") + protobuf_integer(3, add_dummy_prefix) + protobuf_integer(4, remove_extra_whitespaces) + protobuf_integer(5, escape_whitespaces);
    if (!character_map.empty()) normalizer += protobuf_bytes(2, character_map);
    return file + protobuf_bytes(2, trainer) + protobuf_bytes(3, normalizer);
  }
};

}  // namespace temper::testing
