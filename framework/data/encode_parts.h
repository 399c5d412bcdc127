// What the encoders of all tasks share: errors, ids that items bring, texts, special tokens around pieces.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/encode_items.h"

namespace temper::data {

Error item_error(const Item& item, const std::string& what, std::string remedy = {});
const Tokenizer& need_tokenizer(const Item& item, const Tokenizer* tokenizer);
void check_vocabulary(const Item& item, const std::vector<std::int32_t>& ids, const std::optional<std::int64_t>& vocabulary);

// The single target of an item, as T, which is called "label", "number", ... Throws Error naming the item.
template <class T>
const T& only_target(const Item& item, const Targets& targets, const char* what) {
  if (targets.size() != 1) throw item_error(item, "has " + std::to_string(targets.size()) + " targets, expected one " + what);
  const T* target = std::get_if<T>(&targets.front());
  if (!target) throw item_error(item, std::string("has a target that is no ") + what);
  return *target;
}

// The class of each label.
class Classes {
 public:
  explicit Classes(std::vector<std::string> labels);
  std::int64_t of(const Item& item, const std::string& label) const;  // throws Error for a stranger
  std::size_t size() const { return labels_.size(); }

 private:
  std::vector<std::string> labels_;
  std::unordered_map<std::string, std::int64_t> class_of_;
};

// The example of an item that brings its token ids; nothing where it brings none.
std::optional<EncodedItem> own_ids(const Item& item, const EncodeSettings& settings);
// The item's text, and its second one, tokenized with special tokens. An item without any token (an empty text and a tokenizer that
// adds none) becomes the single token bos, else eos, which is what reading the last token of a padded row comes to elsewhere.
EncodedItem one_sequence(const Item& item, const Template& input, const Tokenizer* tokenizer, const EncodeSettings& settings);

std::vector<std::int32_t> plain_ids(const Tokenizer& tokenizer, std::string_view text);  // no special tokens

// The special tokens that a tokenizer puts around a text, or around and between two.
struct Frame {
  std::vector<std::int32_t> before, between, after;
  std::int32_t second_type = 0;  // token type of the second text and of what follows it; the first text's is 0
  std::size_t size() const { return before.size() + between.size() + after.size(); }
};
Frame frame_of_text(const Tokenizer& tokenizer);
Frame frame_of_pair(const Tokenizer& tokenizer);

}  // namespace temper::data
