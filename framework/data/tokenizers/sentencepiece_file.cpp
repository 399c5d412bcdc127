// Reading tokenizer.model.
#include "data/tokenizers/sentencepiece_file.h"

#include <temper/error.h>
#include <temper/mapped_file.h>

#include "data/tokenizers/protobuf.h"
#include "data/tokenizers/vocabulary.h"

#include <cmath>
#include <set>

namespace temper::data::tokenizers {

namespace {

using File = SentencePieceFile;
using Kind = File::Kind;

File::Piece read_piece(ProtobufReader message) {
  File::Piece piece;
  while (message.next()) {
    if (message.field() == 1) {
      piece.text = message.text();
    } else if (message.field() == 2) {
      piece.score = message.number();
      if (!std::isfinite(piece.score)) message.fail("the score is not finite");
    } else if (message.field() == 3) {
      if (message.integer() < 1 || message.integer() > 6) message.fail("the type of piece " + std::to_string(message.integer()) + " is unknown");
      piece.kind = static_cast<Kind>(message.integer());
    }
  }
  if (piece.text.empty()) message.fail("a piece has no characters");
  return piece;
}

void read_trainer(ProtobufReader message, File& file) {
  while (message.next()) {
    switch (message.field()) {
      case 3:
        if (message.integer() < 1 || message.integer() > 4) message.fail("the model type " + std::to_string(message.integer()) + " is unknown");
        file.algorithm = static_cast<File::Algorithm>(message.integer());
        break;
      case 24: file.whitespace_as_suffix = message.boolean(); break;
      case 35: file.byte_fallback = message.boolean(); break;
      case 44: file.unknown_surface = message.text(); break;
      case 45: file.unknown_piece = message.text(); break;
      case 46: file.bos_piece = message.text(); break;
      case 47: file.eos_piece = message.text(); break;
      case 48: file.pad_piece = message.text(); break;
      default: break;  // how it was trained
    }
  }
}

void read_normalization(ProtobufReader message, SentencePieceNormalization& normalization) {
  while (message.next()) {
    switch (message.field()) {
      case 2: normalization.character_map = message.bytes(); break;
      case 3: normalization.add_dummy_prefix = message.boolean(); break;
      case 4: normalization.remove_extra_whitespaces = message.boolean(); break;
      case 5: normalization.escape_whitespaces = message.boolean(); break;
      default: break;  // its name, and the rules that the map was made from
    }
  }
}

// The byte of "<0x41>", else -1.
int byte_of(const std::string& piece) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>' || digit(piece[3]) < 0 || digit(piece[4]) < 0) return -1;
  return digit(piece[3]) * 16 + digit(piece[4]);
}

void check(const File& file, const std::string& where) {
  const auto fail = [&](const std::string& what) { throw Error(where + ": " + what); };
  if (static_cast<std::int64_t>(file.pieces.size()) > Vocabulary::kMostIds) fail("there are " + std::to_string(file.pieces.size()) + " pieces, at most " + std::to_string(Vocabulary::kMostIds) + " are read");
  std::set<std::string_view> normal, reserved;  // a text may be a normal piece and a reserved one
  std::set<int> bytes;
  int unknown = 0, trainable = 0;
  for (const File::Piece& piece : file.pieces) {
    const bool is_normal = piece.kind == Kind::kNormal || piece.kind == Kind::kUserDefined || piece.kind == Kind::kUnused;
    if (!(is_normal ? normal : reserved).insert(piece.text).second) fail("the piece \"" + piece.text + "\" stands twice in the vocabulary");
    unknown += piece.kind == Kind::kUnknown;
    trainable += is_normal;
    if (piece.kind != Kind::kByte) continue;
    if (!file.byte_fallback) fail("the byte piece \"" + piece.text + "\" is there although byte_fallback is false");
    if (byte_of(piece.text) < 0) fail("the byte piece \"" + piece.text + "\" names no byte");
    bytes.insert(byte_of(piece.text));
  }
  if (unknown > 1 || (unknown == 0 && !file.byte_fallback)) fail(std::to_string(unknown) + " pieces are the unknown one, it must be one");
  if (file.byte_fallback && bytes.size() != 256) fail("byte_fallback needs 256 byte pieces, there are " + std::to_string(bytes.size()));
  if (file.algorithm == File::Algorithm::kUnigram && trainable == 0) fail("the vocabulary is empty");
}

}  // namespace

SentencePieceFile read_sentencepiece_file(const std::filesystem::path& path) {
  const MappedFile mapped(path);
  SentencePieceFile file;
  ProtobufReader message(mapped.bytes(), path.string());
  while (message.next()) {
    switch (message.field()) {
      case 1: file.pieces.push_back(read_piece(message.message("piece " + std::to_string(file.pieces.size())))); break;
      case 2: read_trainer(message.message("trainer_spec"), file); break;
      case 3: read_normalization(message.message("normalizer_spec"), file.normalizer); break;
      case 5:
        if (!file.denormalizer) file.denormalizer.emplace();
        read_normalization(message.message("denormalizer_spec"), *file.denormalizer);
        break;
      default: break;  // samples to test a model with, and extensions
    }
  }
  check(file, path.string());
  return file;
}

}  // namespace temper::data::tokenizers
