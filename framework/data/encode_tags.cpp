// Words with tags: each word is tokenized by itself, and its first token carries its tag.
//
// As transformers does with is_split_into_words and labels on the first sub-word alone: a word is normalised and cut as if it stood
// alone, behind a blank where the tokenizer joins words with one (GPT-2's add_prefix_space).
#include <sstream>

#include <temper/error.h>

#include "data/encode_parts.h"
#include "data/task_encoders.h"

namespace temper::data {

namespace {

// Whether a word within a text is what the word behind a blank is by itself.
bool joins_with_blanks(const Tokenizer& tokenizer) {
  const auto one = plain_ids(tokenizer, "a"), behind_blank = plain_ids(tokenizer, " a"), two = plain_ids(tokenizer, "a a");
  const auto is = [&](const std::vector<std::int32_t>& second) {
    std::vector<std::int32_t> joined = one;
    joined.insert(joined.end(), second.begin(), second.end());
    return joined == two;
  };
  return !is(one) && is(behind_blank);
}

class TagsEncoder final : public ItemEncoder {
 public:
  explicit TagsEncoder(const EncoderSetup& setup) : input_(setup.prompt.input), tokenizer_(setup.tokenizer), settings_(setup.settings), classes_(setup.task.labels) {
    if (!tokenizer_) return;
    frame_ = frame_of_text(*tokenizer_);
    before_word_ = joins_with_blanks(*tokenizer_) ? " " : "";
  }

 private:
  EncodedItem encoded(const Item& item, const Targets* targets) const override {
    EncodedItem encoded = item.fields.ids(kInputIdsField) ? ids(item) : words(item);
    check_vocabulary(item, encoded.examples.front().ids, settings_.vocabulary);
    if (targets) add_tags(item, *targets, encoded);
    return encoded;
  }

  // Each id is a word.
  EncodedItem ids(const Item& item) const {
    EncodedItem encoded = std::move(*own_ids(item, settings_));
    Example& example = encoded.examples.front();
    Reading& reading = encoded.readings.emplace_back();
    for (std::size_t t = 0; t < example.ids.size(); ++t) example.read.push_back(static_cast<std::int32_t>(t));
    reading.rows = example.read;
    reading.rows.resize(example.ids.size() + static_cast<std::size_t>(encoded.dropped_tokens), -1);
    return encoded;
  }

  EncodedItem words(const Item& item) const {
    const Tokenizer& tokenizer = need_tokenizer(item, tokenizer_);
    const std::int64_t limit = settings_.max_length ? *settings_.max_length - static_cast<std::int64_t>(frame_.size()) : -1;
    if (settings_.max_length && limit < 1) throw item_error(item, "has no room: max_length is " + std::to_string(*settings_.max_length) + ", and " + std::to_string(frame_.size()) + " are special tokens");
    EncodedItem encoded;
    Example& example = encoded.examples.emplace_back();
    Reading& reading = encoded.readings.emplace_back();
    example.key = item_key(item.id);
    example.ids = frame_.before;
    for (const std::string& word : words_of(item)) {
      const std::vector<std::int32_t> pieces = word.empty() ? std::vector<std::int32_t>() : plain_ids(tokenizer, before_word_ + word);
      const std::int64_t room = limit < 0 ? static_cast<std::int64_t>(pieces.size()) : limit + static_cast<std::int64_t>(frame_.before.size()) - static_cast<std::int64_t>(example.ids.size());
      const std::int64_t kept = std::min(room, static_cast<std::int64_t>(pieces.size()));
      encoded.dropped_tokens += static_cast<std::int64_t>(pieces.size()) - kept;
      reading.rows.push_back(kept > 0 ? static_cast<std::int32_t>(example.read.size()) : -1);
      if (kept > 0) example.read.push_back(static_cast<std::int32_t>(example.ids.size()));
      example.ids.insert(example.ids.end(), pieces.begin(), pieces.begin() + kept);
    }
    example.ids.insert(example.ids.end(), frame_.after.begin(), frame_.after.end());
    if (example.ids.empty()) throw item_error(item, "has no token: none of its words has one");
    return encoded;
  }

  // The words as they are given; those of a text, which stand between blanks.
  std::vector<std::string> words_of(const Item& item) const {
    if (const FieldValue* tokens = item.fields.find(kTokensField)) {
      if (const auto* words = std::get_if<std::vector<std::string>>(tokens)) return *words;
    }
    std::vector<std::string> words;
    std::istringstream text(input_.render(item));
    for (std::string word; text >> word;) words.push_back(word);
    return words;
  }

  void add_tags(const Item& item, const Targets& targets, EncodedItem& encoded) const {
    const std::vector<std::string>& tags = only_target<Tags>(item, targets, "list of tags").names;
    Example& example = encoded.examples.front();
    const std::vector<std::int32_t>& rows = encoded.readings.front().rows;
    if (tags.size() != rows.size()) throw item_error(item, "has " + std::to_string(rows.size()) + " words and " + std::to_string(tags.size()) + " tags");
    example.labels.assign(example.ids.size(), kIgnored);
    for (std::size_t word = 0; word < tags.size(); ++word) {
      const std::int64_t tag = classes_.of(item, tags[word]);
      if (rows[word] >= 0) example.labels[static_cast<std::size_t>(example.read[static_cast<std::size_t>(rows[word])])] = tag;
    }
  }

  Template input_;
  const Tokenizer* tokenizer_;
  EncodeSettings settings_;
  Classes classes_;
  Frame frame_;
  std::string before_word_;
};

}  // namespace

std::unique_ptr<ItemEncoder> tags_encoder(const EncoderSetup& setup) { return std::make_unique<TagsEncoder>(setup); }

}  // namespace temper::data
