// Tokenizers without tokenizer.json: vocab.json with merges.txt (encoder.json with vocab.bpe), and vocab.txt.
#include "data/tokenizers/bert_normalizer.h"
#include "data/tokenizers/bpe.h"
#include "data/tokenizers/json_object.h"
#include "data/tokenizers/pre_tokenizers.h"
#include "data/tokenizers/scanners.h"
#include "data/tokenizers/tokenizer_parts.h"
#include "data/tokenizers/unicode_forms.h"
#include "data/tokenizers/word_piece.h"

#include <temper/mapped_file.h>
#include <temper/utf8.h>

namespace temper::data::tokenizers {

namespace {

// Calls use(line, number from 1) for every line; "\r\n" ends a line too, and a last line end begins no further line.
template <class Use>
void for_each_line(const std::string& path, std::string_view text, const Use& use) {
  std::int64_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (valid_utf8_prefix(line) != line.size()) throw Error(path + ":" + std::to_string(number) + ": this line is not valid UTF-8");
    use(line, number);
  }
}

Vocabulary read_vocab_json(const std::filesystem::path& path) {
  const JsonFile file(path.string());
  Vocabulary vocabulary = read_vocabulary(file.root());
  if (vocabulary.count() == 0) throw Error(path.string() + ": the vocabulary is empty");
  return vocabulary;
}

struct Merges {
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  std::vector<std::int64_t> lines;
};

Merges read_merges(const MappedFile& file) {
  Merges merges;
  const std::string path = file.path().string();
  for_each_line(path, file.bytes(), [&](std::string_view line, std::int64_t number) {
    if (line.empty() || (line.starts_with("#version"))) return;
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || space == 0 || space + 1 == line.size() || line.find(' ', space + 1) != std::string_view::npos)
      throw Error(path + ":" + std::to_string(number) + ": \"" + std::string(line.substr(0, 80)) + "\" is no merge, two tokens with one space between them are wanted");
    merges.pairs.emplace_back(line.substr(0, space), line.substr(space + 1));
    merges.lines.push_back(number);
  });
  return merges;
}

// Tokens that are special because of their name, unless tokenizer_config.json tells about them.
void add_specials(std::vector<AddedToken>& added, const Vocabulary& vocabulary, const SpecialTokens& names) {
  for (const auto& name : {names.bos, names.eos, names.unk, names.sep, names.pad, names.cls, names.mask}) {
    if (!name) continue;
    const std::int32_t id = vocabulary.id(*name);
    bool known = id == kNoId;
    for (const AddedToken& token : added) known = known || token.content == *name;
    if (!known) added.push_back({*name, id, true, false, false, name == names.mask && *name == "<mask>", false, {}});
  }
}

enum class Family { kGpt2, kRoberta, kQwen2 };

// By the class that tokenizer_config.json names; where it names none, by the special tokens that RoBERTa or Qwen has and GPT-2 has not.
Family family_of(const TokenizerConfig& config, const Vocabulary& vocabulary, const std::string& path) {
  std::string name = config.tokenizer_class;
  if (name.ends_with("Fast")) name.resize(name.size() - 4);
  const auto has = [&](const char* token) { return vocabulary.id(token) != kNoId; };
  if (name.empty() || name == "PreTrainedTokenizer" || name == "TokenizersBackend") {
    for (const AddedToken& token : config.added) {
      if (token.content == "<|im_start|>") return Family::kQwen2;
    }
    return has("<s>") && has("</s>") && has("<mask>") && !has("<|endoftext|>") ? Family::kRoberta : Family::kGpt2;
  }
  for (const char* known : {"GPT2Tokenizer", "CodeGenTokenizer", "GPTNeoXTokenizer", "WhisperTokenizer", "OPTTokenizer"}) {
    if (name == known) return Family::kGpt2;
  }
  for (const char* known : {"RobertaTokenizer", "BartTokenizer", "LongformerTokenizer", "LEDTokenizer"}) {
    if (name == known) return Family::kRoberta;
  }
  if (name == "Qwen2Tokenizer") return Family::kQwen2;
  throw Error(path + ": how \"" + config.tokenizer_class + "\" splits text is not told by its vocabulary and merges", "add the tokenizer.json that belongs to it");
}

std::string or_default(const std::optional<std::string>& name, const char* otherwise) { return name.value_or(otherwise); }

class NfcStep final : public Normalizer {
 public:
  void apply(AlignedText& text) const override { to_form(text, UnicodeForm::kNfc); }
};

}  // namespace

TokenizerParts read_vocab_and_merges(const TokenizerFiles& files) {
  TokenizerConfig config = read_tokenizer_config(files.folder);
  const MappedFile merges_file(files.merges);
  const Merges merges = read_merges(merges_file);
  TokenizerParts parts;
  auto model = std::make_unique<Bpe>(read_vocab_json(files.main), merges.pairs, BpeOptions{}, files.merges.string(), &merges.lines);
  Bpe& bpe = *model;
  parts.model = std::move(model);
  const Vocabulary& vocabulary = parts.model->vocabulary();
  const Family family = family_of(config, vocabulary, (files.folder / "tokenizer_config.json").string());
  // Whoever names no special tokens means the family's own.
  SpecialTokens& special = config.special;
  const auto name = [&](std::optional<std::string>& token, const char* usual) {
    if (!token && vocabulary.id(usual) != kNoId) token = usual;
  };
  if (family == Family::kRoberta) {
    for (auto* token : {&special.bos, &special.cls}) name(*token, "<s>");
    for (auto* token : {&special.eos, &special.sep}) name(*token, "</s>");
    name(special.unk, "<unk>");
    name(special.pad, "<pad>");
    name(special.mask, "<mask>");
  } else {
    for (auto* token : {&special.bos, &special.eos, &special.unk}) {
      if (family == Family::kGpt2 || token == &special.eos) name(*token, "<|endoftext|>");
    }
  }
  add_specials(config.added, vocabulary, special);
  parts.added = AddedTokens(std::move(config.added));
  if (family == Family::kQwen2) {
    parts.normalizer = std::make_unique<NfcStep>();
    parts.pre_tokenizers.push_back(split_by(kQwen2Pattern, SplitBehavior::kIsolated, false));
    add_byte_level(parts.pre_tokenizers, false, false);
  } else {
    add_byte_level(parts.pre_tokenizers, config.add_prefix_space.value_or(false), true);
  }
  if (bpe.use_bytes()) parts.pre_tokenizers.pop_back();
  parts.decoder = byte_level_decoder();
  parts.added.prepare(parts.normalizer.get());
  parts.special_ids = special_ids_of(parts, special, false);
  const SpecialIds& ids = parts.special_ids;
  if (family == Family::kRoberta) {
    if (!ids.cls || !ids.sep) throw Error(files.main.string() + ": the vocabulary has no <s> and </s>, which frame a text of this family");
    parts.frame = roberta_frame(*ids.cls, *ids.sep);
    parts.frame.add_trim({config.add_prefix_space.value_or(false)});
  } else if (config.add_bos_token.value_or(false) && ids.bos) {
    const FramePiece bos{FramePiece::Kind::kSpecial, 0, {*ids.bos}};
    const FramePiece first{FramePiece::Kind::kFirst, 0, {}}, second{FramePiece::Kind::kSecond, 1, {}, 1};
    parts.frame.set({bos, first}, {bos, first, {FramePiece::Kind::kSpecial, 1, {*ids.bos}}, second});
  }
  return parts;
}

TokenizerParts read_vocab_txt(const TokenizerFiles& files) {
  TokenizerConfig config = read_tokenizer_config(files.folder);
  const MappedFile file(files.main);
  Vocabulary vocabulary;
  for_each_line(files.main.string(), file.bytes(), [&](std::string_view line, std::int64_t number) {
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    vocabulary.add_again(line, number - 1);
  });
  SpecialTokens& special = config.special;
  special.unk = or_default(special.unk, "[UNK]");
  special.sep = or_default(special.sep, "[SEP]");
  special.pad = or_default(special.pad, "[PAD]");
  special.cls = or_default(special.cls, "[CLS]");
  special.mask = or_default(special.mask, "[MASK]");
  for (const auto& needed : {special.unk, special.sep, special.cls}) {
    if (vocabulary.id(*needed) == kNoId) throw Error(files.main.string() + ": the token \"" + *needed + "\" is not in the vocabulary", "is this the vocab.txt of a BERT model?");
  }
  TokenizerParts parts;
  WordPieceOptions options;
  options.unknown = *special.unk;
  parts.model = std::make_unique<WordPiece>(std::move(vocabulary), options);
  BertNormalization normalization;
  normalization.lowercase = config.do_lower_case.value_or(true);
  normalization.strip_accents = config.strip_accents.value_or(normalization.lowercase);
  normalization.handle_chinese_chars = config.tokenize_chinese_chars.value_or(true);
  parts.normalizer = std::make_unique<BertNormalizer>(normalization);
  parts.pre_tokenizers.push_back(bert_pre_tokenizer());
  parts.decoder = word_piece_decoder(options.prefix, true);
  add_specials(config.added, parts.model->vocabulary(), special);
  parts.added = AddedTokens(std::move(config.added));
  parts.added.prepare(parts.normalizer.get());
  parts.special_ids = special_ids_of(parts, special, false);
  parts.frame = bert_frame(*parts.special_ids.cls, *parts.special_ids.sep);
  return parts;
}

}  // namespace temper::data::tokenizers
