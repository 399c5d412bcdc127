// The readers, their first files, and what is done with what they read.
#include "fuzz/readers.h"

#include <fstream>

#include <temper/error.h>
#include <temper/tokenizer_pipeline.h>

#include "data/model_folder.h"
#include "data/safetensors.h"
#include "support/small_sentencepiece.h"
#include "support/small_tokenizer.h"

namespace temper::testing {

namespace {

namespace fs = std::filesystem;

fs::path write(const fs::path& folder, const char* name, std::string_view bytes) {
  fs::remove(folder / name);  // a new file need not be synchronised with the disk
  std::ofstream(folder / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return folder / name;
}

// Encodes and decodes texts of several kinds; one of them is the file itself, so that words of the vocabulary occur.
void use(const TokenizerPipeline& tokenizer, std::string_view bytes) {
  const std::string_view texts[] = {"", " ", "The caf\u00e9 don't!  12345 <s></s>\n\u65e5\u672c\u8a9e \u0627\u0644 \U0001F600\u0301", bytes.substr(0, 2000), "ab\xFF\xC3 th the e\u0301"};
  const auto check = [](const Encoding& encoding, std::size_t longest) {
    if (encoding.offsets.size() != encoding.ids.size() || encoding.type_ids.size() != encoding.ids.size() || encoding.is_special.size() != encoding.ids.size())
      throw std::logic_error("an encoding's lists differ in length");
    for (const ByteRange& range : encoding.offsets) {
      if (range.begin > range.end || range.end > longest) throw std::logic_error("an offset lies outside of the text");
    }
  };
  for (const std::string_view text : texts) {
    try {
      const Encoding encoding = tokenizer.encode(text);
      check(encoding, text.size());
      tokenizer.decode(encoding.ids, true);
      tokenizer.decode(encoding.ids, false);
      EncodeOptions stored;
      stored.stored_limits = true;
      check(tokenizer.encode_pair(text, "ab", stored), std::max<std::size_t>(text.size(), 2));
    } catch (const Error&) {  // no unknown token, an expression with too many steps, ...
    }
  }
  std::vector<std::int32_t> ids;
  for (std::int32_t id = -1; id < 600; id += 7) ids.push_back(id);
  tokenizer.decode(ids, true);
}

bool open_tokenizer(const fs::path& path, std::string_view bytes) {
  try {
    use(TokenizerPipeline(path, {tokenizer_format(path)}), bytes);
  } catch (const Error&) {
    return false;
  }
  return true;
}

bool read_tokenizer_json(const fs::path& folder, std::string_view bytes) { return open_tokenizer(write(folder, "tokenizer.json", bytes), bytes); }
bool read_tokenizer_model(const fs::path& folder, std::string_view bytes) { return open_tokenizer(write(folder, "tokenizer.model", bytes), bytes); }
bool read_vocab_txt(const fs::path& folder, std::string_view bytes) { return open_tokenizer(write(folder, "vocab.txt", bytes), bytes); }

// The vocabulary, a NUL, and the merges.
bool read_vocab_and_merges(const fs::path& folder, std::string_view bytes) {
  const std::size_t cut = std::min(bytes.find('\0'), bytes.size());
  write(folder, "merges.txt", bytes.substr(std::min(cut + 1, bytes.size())));
  return open_tokenizer(write(folder, "vocab.json", bytes.substr(0, cut)), bytes);
}

bool read_tokenizer_config(const fs::path& folder, std::string_view bytes) {
  write(folder, "vocab.txt", vocab_txt());
  write(folder, "tokenizer_config.json", bytes);
  return open_tokenizer(folder, "the cats");
}

bool read_safetensors(const fs::path& folder, std::string_view bytes) {
  try {
    const data::TensorFiles files(write(folder, "model.safetensors", bytes));
    unsigned sum = 0;
    for (const data::Tensor& tensor : files.tensors()) {
      for (const std::byte byte : tensor.bytes) sum += static_cast<unsigned>(byte);
      if (tensor.bytes.size() != static_cast<std::size_t>(tensor.elements()) * data::size_in_bytes(tensor.dtype)) throw std::logic_error("a tensor's bytes do not fit its shape");
    }
    volatile unsigned kept = sum;  // every byte was read
    (void)kept;
  } catch (const Error&) {
    return false;
  }
  return true;
}

bool read_config_json(const fs::path& folder, std::string_view bytes) {
  try {
    write(folder, "config.json", bytes);
    data::open_model_folder(folder);
  } catch (const Error&) {
    return false;
  }
  return true;
}

const Merges kMerges = {{"t", "h"}, {"th", "e"}, {" ", "the"}, {"a", "b"}, {"\xC3", "\xA9"}};

Json template_json() {
  return Json::parse(R"json({"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}})json");
}

std::vector<std::string> json_seeds() {
  Json limits = word_piece_json();
  limits["truncation"] = Json::parse(R"json({"max_length": 8, "stride": 2, "strategy": "LongestFirst", "direction": "Left"})json");
  limits["padding"] = Json::parse(R"json({"strategy": {"Fixed": 12}, "direction": "Right", "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]", "pad_to_multiple_of": 4})json");
  Json characters = Json::parse(R"json({"version": "1.0", "added_tokens": [{"id": 0, "content": "<unk>", "special": true}, {"id": 1, "content": "<s>", "normalized": true, "single_word": true, "lstrip": true, "rstrip": true}],
    "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "Nmt"}, {"type": "StripAccents"}, {"type": "Replace", "pattern": {"Regex": "[a-z]+(?=\\d)"}, "content": "x"}, {"type": "Prepend", "prepend": "_"}, {"type": "Strip", "strip_left": true, "strip_right": true}]},
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "\\s+(?!\\S)|\\p{L}+|[^\\s\\p{L}]+"}, "behavior": "MergedWithNext", "invert": false}, {"type": "UnicodeScripts"}, {"type": "Digits", "individual_digits": true}, {"type": "Metaspace", "replacement": "_", "prepend_scheme": "first", "split": true}]},
    "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 1}, {"type": "WordPiece", "prefix": "##", "cleanup": true}, {"type": "CTC", "pad_token": "<s>", "word_delimiter_token": "|", "cleanup": true}]},
    "model": {"type": "BPE", "unk_token": "<unk>", "continuing_subword_prefix": "##", "end_of_word_suffix": "</w>", "fuse_unk": true, "byte_fallback": true, "ignore_merges": true,
      "vocab": {"<unk>": 0, "<s>": 1, "a": 2, "##b": 3, "ab": 4, "##b</w>": 5, "ab</w>": 6, "<0x41>": 7}, "merges": [["a", "##b"], "a ##b</w>"]}})json");
  characters["post_processor"] = template_json();
  Json unigram = Json::parse(R"json({"model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false, "vocab": [["<unk>", 0], ["a", -1.5], ["b", -2.25], ["ab", -2.5e0], ["th", -3]]},
    "normalizer": {"type": "Precompiled", "precompiled_charsmap": "BAAAAAAAAABhAA=="}, "decoder": {"type": "BPEDecoder", "suffix": "</w>"}})json");
  Json words = Json::parse(R"json({"model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {"<unk>": 0, "the": 1}}, "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": {"type": "Sequence", "processors": [{"type": "ByteLevel", "trim_offsets": true}, {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": true, "add_prefix_space": true}]}})json");
  return {byte_bpe_json(kMerges).dump(), word_piece_json().dump(), limits.dump(), characters.dump(), unigram.dump(), words.dump()};
}

std::vector<std::string> model_seeds() {
  std::vector<std::string> seeds;
  for (int type = 1; type <= 4; ++type) {
    SmallSentencePiece file;
    file.model_type = type;
    file.add({{"\u2581", -5}, {"a", -6}, {"b", -7}, {"\u2581a", -1}, {"ab", -2}, {"t", -3}, {"bab", 0, kUserDefinedPiece}, {"th", -4, kUnusedPiece}});
    if (type == 2) file.add_bytes();
    if (type == 1) file.character_map = std::string("\x04\0\0\0\0\0\0\0a\0", 10);
    seeds.push_back(file.bytes());
  }
  return seeds;
}

std::vector<std::string> vocab_and_merges_seeds() { return {byte_vocabulary(kMerges).dump() + '\0' + merges_text(kMerges), std::string("{\"a\": 0, \"b\": 1, \"ab\": 2}\0#version: 0.2\na b\n", 44)}; }
std::vector<std::string> vocab_txt_seeds() { return {vocab_txt()}; }
std::vector<std::string> tokenizer_config_seeds() {
  return {R"json({"tokenizer_class": "BertTokenizer", "do_lower_case": false, "strip_accents": null, "unk_token": {"content": "[UNK]"}, "sep_token": "[SEP]", "added_tokens_decoder": {"0": {"content": "[PAD]", "special": true, "lstrip": false}, "5": {"content": "the"}}})json"};
}

std::vector<std::string> safetensors_seeds() {
  const std::string header = R"json({"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}, "b": {"dtype": "BF16", "shape": [], "data_offsets": [16, 18]}})json";
  std::string file(8, '\0');
  file[0] = static_cast<char>(header.size());
  return {file + header + std::string(18, 'x'), std::string("\x02\0\0\0\0\0\0\0{}", 10)};
}

std::vector<std::string> config_seeds() {
  return {R"json({"model_type": "bert", "id2label": {"0": "no", "1": "yes"}, "label2id": {"no": 0, "yes": 1}, "num_labels": 2, "architectures": ["BertModel"], "pad_token_id": null, "rope_scaling": {"rope_type": "llama3", "factor": 8.0}})json", "{}"};
}

}  // namespace

const std::vector<FuzzReader>& fuzz_readers() {
  static const std::vector<FuzzReader> readers = {{"tokenizer_json", read_tokenizer_json, json_seeds},
                                                  {"tokenizer_model", read_tokenizer_model, model_seeds},
                                                  {"vocab_and_merges", read_vocab_and_merges, vocab_and_merges_seeds},
                                                  {"vocab_txt", read_vocab_txt, vocab_txt_seeds},
                                                  {"tokenizer_config", read_tokenizer_config, tokenizer_config_seeds},
                                                  {"safetensors", read_safetensors, safetensors_seeds},
                                                  {"config_json", read_config_json, config_seeds}};
  return readers;
}

}  // namespace temper::testing
