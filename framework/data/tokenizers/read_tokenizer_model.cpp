// tokenizer.model: sentencepiece's own file.
#include "data/tokenizers/sentencepiece_model.h"
#include "data/tokenizers/sentencepiece_normalizer.h"
#include "data/tokenizers/tokenizer_parts.h"

#include <temper/error.h>

namespace temper::data::tokenizers {

namespace {

using Kind = SentencePieceFile::Kind;

// <s> and </s> stand around a text where the model has them. What a folder's tokenizer_config.json says holds before: add_bos_token
// and add_eos_token, or the class, whose default they are.
struct Ends { bool bos = true, eos = true; };

Ends ends_of(const TokenizerConfig& config) {
  std::string name = config.tokenizer_class;
  if (name.ends_with("Fast")) name.resize(name.size() - 4);
  Ends ends;
  for (const char* known : {"LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer"}) {
    if (name == known) ends.eos = false;
  }
  if (name == "T5Tokenizer") ends.bos = false;
  return {config.add_bos_token.value_or(ends.bos), config.add_eos_token.value_or(ends.eos)};
}

std::shared_ptr<const ByteTrie> user_defined_symbols(const SentencePieceFile& file) {
  std::vector<std::pair<std::string_view, std::int32_t>> symbols;
  for (const SentencePieceFile::Piece& piece : file.pieces) {
    if (piece.kind == Kind::kUserDefined) symbols.emplace_back(piece.text, static_cast<std::int32_t>(symbols.size()));
  }
  return symbols.empty() ? nullptr : std::make_shared<const ByteTrie>(std::move(symbols));
}

std::optional<std::int32_t> control_id(const SentencePieceModel& model, const std::string& piece) {
  const std::int32_t id = model.vocabulary().id(piece);
  if (id == kNoId || model.kind(id) != Kind::kControl) return std::nullopt;
  return id;
}

}  // namespace

TokenizerParts read_tokenizer_model(const TokenizerFiles& files) {
  const SentencePieceFile file = read_sentencepiece_file(files.main);
  TokenizerConfig config = read_tokenizer_config(files.folder);
  const std::shared_ptr<const ByteTrie> user_defined = user_defined_symbols(file);
  TokenizerParts parts;
  auto model = std::make_unique<SentencePieceModel>(file, user_defined);
  try {
    parts.normalizer = std::make_unique<SentencePieceNormalizer>(file.normalizer, user_defined, file.whitespace_as_suffix);
    parts.decoder = sentencepiece_decoder(*model, file);
  } catch (const Error& error) {
    throw Error(files.main.string() + ": " + error.what());
  }
  SpecialIds& ids = parts.special_ids;
  ids.bos = control_id(*model, file.bos_piece);
  ids.eos = control_id(*model, file.eos_piece);
  ids.pad = control_id(*model, file.pad_piece);
  if (model->unknown() != kNoId) ids.unk = model->unknown();
  const Ends ends = ends_of(config);
  parts.model = std::move(model);
  parts.added = AddedTokens(std::move(config.added));
  parts.added.prepare(nullptr);  // an added token is looked for as it is written

  const SpecialIds named = special_ids_of(parts, config.special, false);
  for (const auto id : {&SpecialIds::bos, &SpecialIds::eos, &SpecialIds::unk, &SpecialIds::sep, &SpecialIds::pad, &SpecialIds::cls, &SpecialIds::mask}) {
    if (named.*id) ids.*id = named.*id;
  }
  FramePieces single, pair;
  const auto framed = [&](FramePiece::Kind text, std::int32_t type_id, FramePieces& pieces) {
    if (ends.bos && ids.bos) pieces.push_back({FramePiece::Kind::kSpecial, type_id, {*ids.bos}});
    pieces.push_back({text, type_id, {}, type_id});
    if (ends.eos && ids.eos) pieces.push_back({FramePiece::Kind::kSpecial, type_id, {*ids.eos}});
  };
  framed(FramePiece::Kind::kFirst, 0, single);
  framed(FramePiece::Kind::kFirst, 0, pair);
  framed(FramePiece::Kind::kSecond, 1, pair);
  parts.frame.set(std::move(single), std::move(pair));
  return parts;
}

}  // namespace temper::data::tokenizers
