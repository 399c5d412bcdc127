// Pieces of encoders.
#include "data/encode_parts.h"

#include <algorithm>
#include <limits>

#include <temper/error.h>

namespace temper::data {

Error item_error(const Item& item, const std::string& what, std::string remedy) { return Error("item \"" + item.id + "\" " + what, std::move(remedy)); }

const Tokenizer& need_tokenizer(const Item& item, const Tokenizer* tokenizer) {
  if (!tokenizer) throw item_error(item, "is text, and the checkpoint has no tokenizer", "put its tokenizer's files beside config.json, or give input_ids");
  return *tokenizer;
}

void check_vocabulary(const Item& item, const std::vector<std::int32_t>& ids, const std::optional<std::int64_t>& vocabulary) {
  if (!vocabulary || ids.empty()) return;
  const std::int32_t largest = *std::max_element(ids.begin(), ids.end());
  if (largest >= *vocabulary)
    throw item_error(item, "has the token id " + std::to_string(largest) + ", the model's vocabulary has " + std::to_string(*vocabulary) + " tokens",
                     "do tokenizer and checkpoint belong together?");
}

Classes::Classes(std::vector<std::string> labels) : labels_(std::move(labels)) {
  for (std::size_t i = 0; i < labels_.size(); ++i) class_of_.emplace(labels_[i], static_cast<std::int64_t>(i));
}

std::int64_t Classes::of(const Item& item, const std::string& label) const {
  const auto found = class_of_.find(label);
  if (found == class_of_.end()) throw item_error(item, "has the label \"" + label + "\", which is none of the task's", did_you_mean(label, labels_));
  return found->second;
}

namespace {

std::vector<std::int32_t> narrow(const Item& item, const char* field, const std::vector<std::int64_t>& ids) {
  std::vector<std::int32_t> narrow;
  narrow.reserve(ids.size());
  for (const std::int64_t id : ids) {
    if (id < 0 || id > std::numeric_limits<std::int32_t>::max()) throw item_error(item, std::string("has ") + std::to_string(id) + " in " + field + ", expected token ids from 0");
    narrow.push_back(static_cast<std::int32_t>(id));
  }
  return narrow;
}

bool names_field(const Template& input, std::string_view field) {
  return std::find(input.fields().begin(), input.fields().end(), field) != input.fields().end();
}

// The special tokens of an encoding up to `from`, which is moved behind them.
std::vector<std::int32_t> specials(const Encoding& encoding, std::size_t& from) {
  std::vector<std::int32_t> ids;
  for (; from < encoding.ids.size() && encoding.is_special[from]; ++from) ids.push_back(encoding.ids[from]);
  return ids;
}

void skip_text(const Encoding& encoding, std::size_t& from) {
  while (from < encoding.ids.size() && !encoding.is_special[from]) ++from;
}

}  // namespace

std::optional<EncodedItem> own_ids(const Item& item, const EncodeSettings& settings) {
  const auto* ids = item.fields.ids(kInputIdsField);
  if (!ids) return std::nullopt;
  EncodedItem encoded;
  Example& example = encoded.examples.emplace_back();
  example.key = item_key(item.id);
  example.ids = narrow(item, kInputIdsField, *ids);
  if (const auto* types = item.fields.ids(kTokenTypeIdsField)) example.type_ids = narrow(item, kTokenTypeIdsField, *types);
  if (!example.type_ids.empty() && example.type_ids.size() != example.ids.size())
    throw item_error(item, "has " + std::to_string(example.ids.size()) + " input_ids and " + std::to_string(example.type_ids.size()) + " token_type_ids");
  if (example.ids.empty()) throw item_error(item, "has no token ids");
  if (settings.max_length && static_cast<std::int64_t>(example.ids.size()) > *settings.max_length) {
    encoded.dropped_tokens = static_cast<std::int64_t>(example.ids.size()) - *settings.max_length;
    example.ids.resize(static_cast<std::size_t>(*settings.max_length));
    if (!example.type_ids.empty()) example.type_ids.resize(example.ids.size());
  }
  check_vocabulary(item, example.ids, settings.vocabulary);
  return encoded;
}

EncodedItem one_sequence(const Item& item, const Template& input, const Tokenizer* tokenizer, const EncodeSettings& settings) {
  if (auto own = own_ids(item, settings)) return std::move(*own);
  const Tokenizer& known = need_tokenizer(item, tokenizer);
  const EncodeOptions options{.add_special_tokens = true, .max_length = settings.max_length};
  const std::string* second = names_field(input, kTextPairField) ? nullptr : item.fields.text(kTextPairField);
  Encoding encoding = second ? known.encode_pair(input.render(item), *second, options) : known.encode(input.render(item), options);
  EncodedItem encoded;
  encoded.dropped_tokens = encoding.dropped_tokens;
  Example& example = encoded.examples.emplace_back();
  example.key = item_key(item.id);
  example.ids = std::move(encoding.ids);
  const bool has_types = std::any_of(encoding.type_ids.begin(), encoding.type_ids.end(), [](std::int32_t type) { return type != 0; });
  if (has_types) example.type_ids = std::move(encoding.type_ids);
  if (example.ids.empty()) {
    const SpecialIds special = known.special_ids();
    const auto only = special.bos ? special.bos : special.eos;
    if (!only) throw item_error(item, "has no token: its text is empty, and the tokenizer has no bos or eos that could stand for it");
    example.ids = {*only};
  }
  check_vocabulary(item, example.ids, settings.vocabulary);
  return encoded;
}

std::vector<std::int32_t> plain_ids(const Tokenizer& tokenizer, std::string_view text) {
  return text.empty() ? std::vector<std::int32_t>() : tokenizer.encode(text, {.add_special_tokens = false}).ids;
}

Frame frame_of_text(const Tokenizer& tokenizer) {
  const Encoding encoding = tokenizer.encode("a");
  Frame frame;
  std::size_t at = 0;
  frame.before = specials(encoding, at);
  skip_text(encoding, at);
  frame.after = specials(encoding, at);
  return frame;
}

Frame frame_of_pair(const Tokenizer& tokenizer) {
  const Encoding encoding = tokenizer.encode_pair("a", "a");
  Frame frame;
  std::size_t at = 0;
  frame.before = specials(encoding, at);
  skip_text(encoding, at);
  frame.between = specials(encoding, at);
  frame.second_type = encoding.type_ids.empty() ? 0 : encoding.type_ids.back();
  skip_text(encoding, at);
  frame.after = specials(encoding, at);
  return frame;
}

}  // namespace temper::data
