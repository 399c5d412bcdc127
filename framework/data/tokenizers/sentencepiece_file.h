// What a sentencepiece model file (tokenizer.model) holds: the message ModelProto of sentencepiece_model.proto.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace temper::data::tokenizers {

struct SentencePieceNormalization {
  std::string character_map;             // see character_map.h; empty: characters stay as they are
  bool add_dummy_prefix = true;          // a space before the text (behind it with whitespace_as_suffix)
  bool remove_extra_whitespaces = true;  // at both ends, and all but the first of a run
  bool escape_whitespaces = true;        // spaces are written as U+2581
};

struct SentencePieceFile {
  // The numbers are those of the format.
  enum class Kind : std::uint8_t { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };
  enum class Algorithm : std::uint8_t { kUnigram = 1, kBpe = 2, kWord = 3, kCharacter = 4 };
  struct Piece {
    std::string text;
    float score = 0;  // a log-probability, or minus the rank of a merge
    Kind kind = Kind::kNormal;
  };

  std::vector<Piece> pieces;  // a piece's place is its id
  Algorithm algorithm = Algorithm::kUnigram;
  bool byte_fallback = false;
  bool whitespace_as_suffix = false;
  std::string unknown_piece = "<unk>", bos_piece = "<s>", eos_piece = "</s>", pad_piece = "<pad>";
  std::string unknown_surface = " \u2047 ";  // what the unknown piece decodes to
  SentencePieceNormalization normalizer;
  std::optional<SentencePieceNormalization> denormalizer;
};

// Throws Error, with the byte in question, for what is no such message, and for vocabularies that sentencepiece would refuse too: empty
// pieces or such as come twice, none (without byte fallback) or two that are unknown, byte pieces without fallback or fewer than 256 with it.
SentencePieceFile read_sentencepiece_file(const std::filesystem::path& path);

}  // namespace temper::data::tokenizers
