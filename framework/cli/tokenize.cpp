// temper tokenize: text to token ids with byte offsets, and back; JSON lines in, JSON lines out.
#include <algorithm>
#include <iostream>

#include <temper/error.h>
#include <temper/tokenizer.h>

#include "cli/command_line.h"
#include "cli/input_lines.h"
#include "cli/verb.h"
#include "data/open_tokenizer.h"
#include "registry/registry.h"

namespace temper::cli {

namespace {

Value encoded_line(const Tokenizer& tokenizer, const Value& line, bool add_special_tokens) {
  const Value* text = line.find("text");
  if (!text || !text->is_string()) throw Error("the line has no \"text\"", "wanted {\"text\": \"...\"}, perhaps with \"pair\"");
  const Value* pair = line.find("pair");
  const EncodeOptions options{.add_special_tokens = add_special_tokens, .max_length = std::nullopt, .stored_limits = true};
  const Encoding encoding = pair && pair->is_string() ? tokenizer.encode_pair(text->as_string(), pair->as_string(), options) : tokenizer.encode(text->as_string(), options);
  Value::Array ids, offsets, type_ids;
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    ids.emplace_back(static_cast<std::int64_t>(encoding.ids[i]));
    offsets.emplace_back(Value::Array{Value(static_cast<std::int64_t>(encoding.offsets[i].begin)), Value(static_cast<std::int64_t>(encoding.offsets[i].end))});
    if (pair) type_ids.emplace_back(static_cast<std::int64_t>(encoding.type_ids[i]));
  }
  Value answer{Value::Table{}};
  answer.set("ids", Value(std::move(ids)));
  answer.set("offsets", Value(std::move(offsets)));
  if (pair) answer.set("type_ids", Value(std::move(type_ids)));
  return answer;
}

Value decoded_line(const Tokenizer& tokenizer, const Value& line, bool skip_special_tokens) {
  const Value* ids = line.find("ids");
  if (!ids || !ids->is_array()) throw Error("the line has no \"ids\"", "wanted {\"ids\": [...]}");
  std::vector<std::int32_t> values;
  for (const Value& id : ids->as_array()) {
    if (!id.is_integer() || id.as_integer() < 0 || id.as_integer() >= tokenizer.vocabulary_size()) {
      throw Error("\"ids\" holds " + to_json(id) + ", the vocabulary has ids 0 to " + std::to_string(tokenizer.vocabulary_size() - 1));
    }
    values.push_back(static_cast<std::int32_t>(id.as_integer()));
  }
  return Value(Value::Table{{"text", Value(tokenizer.decode(values, skip_special_tokens))}});
}

}  // namespace

int tokenize(const std::vector<std::string>& arguments) {
  std::string file, folder;
  bool no_special_tokens = false, decode = false;
  CommandLine line("tokenize", "Turns JSON lines {\"text\": ...} into {\"ids\", \"offsets\"}; offsets are [start, end) in UTF-8 bytes of the text.");
  line.optional_positional("FILE", file, "JSON lines; default: standard input")
      .option("tokenizer", folder, "FOLDER|FILE", "a Hugging Face folder, or one of its tokenizer files")
      .flag("no-special-tokens", no_special_tokens, "add no special tokens; with --decode, leave them out of the text")
      .flag("decode", decode, "the other way: JSON lines {\"ids\": [...]} into {\"text\"}");
  if (!line.parse(arguments)) return kDone;
  if (folder.empty()) throw Error("temper tokenize: --tokenizer is missing", "see: temper tokenize --help");

  const registry::Registry registry(registry::plugin_folders(), {.first_load = registry::FirstLoad::kInChild, .worker = {}, .cache = {}});
  const auto tokenizer = data::open_tokenizer(registry, folder);
  InputLines input(file);
  std::int64_t number = 0;
  for (std::string text; std::getline(input.stream(), text);) {
    ++number;
    if (text.empty()) continue;
    try {
      const Value object = parse_json(text);
      if (!object.is_table()) throw Error(std::string("the line is ") + object.type_name() + ", it must be an object");
      std::cout << to_json(decode ? decoded_line(*tokenizer, object, no_special_tokens) : encoded_line(*tokenizer, object, !no_special_tokens)) << '\n';
    } catch (const Error& error) {
      throw Error({{{input.name(), static_cast<int>(number), 0}, error.problems().front().what, error.problems().front().remedy}});
    }
  }
  return kDone;
}

}  // namespace temper::cli
