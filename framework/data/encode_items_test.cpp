// Items to token ids: templates, limits, ids that come with the row, classes, threads.
#include "data/encode_items.h"

#include <gtest/gtest.h>

#include <temper/error.h>

#include "support/message_of.h"

namespace temper::data {
namespace {

using testing::message_of;
using Ids = std::vector<std::int32_t>;

// A token per byte, its value the id; with special tokens 1 in front and 2 behind when it has them.
class Bytes final : public Tokenizer {
 public:
  explicit Bytes(bool has_special, SpecialIds special = {}) : has_special_(has_special), special_(special) {}
  Encoding encode(std::string_view text, const EncodeOptions& options) const override {
    Encoding encoding;
    for (const char c : text) encoding.ids.push_back(static_cast<unsigned char>(c));
    const std::size_t added = has_special_ && options.add_special_tokens ? 2 : 0;
    if (options.max_length && encoding.ids.size() + added > static_cast<std::size_t>(*options.max_length)) {
      encoding.dropped_tokens = static_cast<std::int64_t>(encoding.ids.size() + added) - *options.max_length;
      encoding.ids.resize(static_cast<std::size_t>(*options.max_length) - added);
    }
    if (added) {
      encoding.ids.insert(encoding.ids.begin(), 1);
      encoding.ids.push_back(2);
    }
    encoding.type_ids.resize(encoding.ids.size());
    return encoding;
  }
  Encoding encode_pair(std::string_view, std::string_view, const EncodeOptions&) const override { return {}; }
  std::string decode(std::span<const std::int32_t>, bool) const override { return {}; }
  std::int64_t vocabulary_size() const override { return 256; }
  std::optional<std::int32_t> id_of(std::string_view) const override { return {}; }
  std::string token_of(std::int32_t) const override { return {}; }
  SpecialIds special_ids() const override { return special_; }

 private:
  bool has_special_;
  SpecialIds special_;
};

Item text_item(std::string id, std::string text) {
  Item item;
  item.id = std::move(id);
  item.fields.set("text", std::move(text));
  return item;
}

Item ids_item(std::vector<std::int64_t> ids) {
  Item item;
  item.id = "i";
  item.fields.set(kInputIdsField, std::move(ids));
  return item;
}

const TaskInfo kTask = {Task::kClassification, {"no", "yes"}};

TEST(ItemEncoder, RendersTokenizesAndLabels) {
  const Bytes tokenizer(true);
  PromptOptions prompt;
  prompt.input = "<{text}>";
  const EncodedItem encoded = make_encoder(kTask, prompt, &tokenizer, {})->encode(text_item("7", "a"), {Label{"yes"}});
  EXPECT_EQ(encoded.examples.front().ids, (Ids{1, '<', 'a', '>', 2}));
  EXPECT_TRUE(encoded.examples.front().type_ids.empty());
  EXPECT_EQ(encoded.examples.front().labels, (std::vector<std::int64_t>{1}));
  EXPECT_EQ(encoded.examples.front().key, item_key("7"));
  EXPECT_EQ(encoded.dropped_tokens, 0);
}

TEST(ItemEncoder, CountsWhatTheLimitCutsOff) {
  const Bytes tokenizer(true);
  const EncodedItem encoded = make_encoder(kTask, {}, &tokenizer, {.max_length = 4})->encode(text_item("7", "abcde"));
  EXPECT_EQ(encoded.examples.front().ids, (Ids{1, 'a', 'b', 2}));
  EXPECT_EQ(encoded.dropped_tokens, 3);
  EXPECT_TRUE(encoded.examples.front().labels.empty());
}

TEST(ItemEncoder, TakesIdsAsTheyAre) {
  Item item = ids_item({5, 6, 7});
  item.fields.set(kTokenTypeIdsField, std::vector<std::int64_t>{0, 1, 1});
  EncodedItem encoded = make_encoder(kTask, {}, nullptr, {})->encode(item);
  EXPECT_EQ(encoded.examples.front().ids, (Ids{5, 6, 7}));
  EXPECT_EQ(encoded.examples.front().type_ids, (Ids{0, 1, 1}));
  encoded = make_encoder(kTask, {}, nullptr, {.max_length = 2})->encode(item);
  EXPECT_EQ(encoded.examples.front().ids, (Ids{5, 6}));
  EXPECT_EQ(encoded.examples.front().type_ids, (Ids{0, 1}));
  EXPECT_EQ(encoded.dropped_tokens, 1);
}

TEST(ItemEncoder, TellsWhichIdsCannotBeTaken) {
  const auto encoder = make_encoder(kTask, {}, nullptr, {});
  EXPECT_EQ(message_of([&] { encoder->encode(ids_item({5, -1})); }), "item \"i\" has -1 in input_ids, expected token ids from 0");
  EXPECT_EQ(message_of([&] { encoder->encode(ids_item({std::int64_t{1} << 40})); }), "item \"i\" has 1099511627776 in input_ids, expected token ids from 0");
  EXPECT_EQ(message_of([&] { encoder->encode(ids_item({})); }), "item \"i\" has no token ids");
  Item uneven = ids_item({5});
  uneven.fields.set(kTokenTypeIdsField, std::vector<std::int64_t>{0, 1});
  EXPECT_EQ(message_of([&] { encoder->encode(uneven); }), "item \"i\" has 1 input_ids and 2 token_type_ids");
  EXPECT_EQ(message_of([&] { encoder->encode(text_item("t", "a")); }),
            "item \"t\" is text, and the checkpoint has no tokenizer\n    put its tokenizer's files beside config.json, or give input_ids");
}

TEST(ItemEncoder, TellsOfIdsBeyondTheModelsVocabulary) {
  const auto encoder = make_encoder(kTask, {}, nullptr, {.vocabulary = 10});
  EXPECT_EQ(encoder->encode(ids_item({9})).examples.front().ids, Ids{9});
  EXPECT_EQ(message_of([&] { encoder->encode(ids_item({3, 10})); }),
            "item \"i\" has the token id 10, the model's vocabulary has 10 tokens\n    do tokenizer and checkpoint belong together?");
}

TEST(ItemEncoder, AnEmptyTextIsTheTokenThatBeginsOrEndsTexts) {
  SpecialIds special;
  special.eos = 9;
  const Bytes end(false, special), none(false);
  special.bos = 8;
  const Bytes both(false, special);
  EXPECT_EQ(make_encoder(kTask, {}, &both, {})->encode(text_item("e", "")).examples.front().ids, Ids{8});
  EXPECT_EQ(make_encoder(kTask, {}, &end, {})->encode(text_item("e", "")).examples.front().ids, Ids{9});
  EXPECT_THROW(make_encoder(kTask, {}, &none, {})->encode(text_item("e", "")), Error);
}

TEST(ItemEncoder, TellsWhichTargetIsWrong) {
  const Bytes tokenizer(false);
  const auto encoder = make_encoder(kTask, {}, &tokenizer, {});
  const Item item = text_item("7", "a");
  EXPECT_EQ(message_of([&] { encoder->encode(item, {}); }), "item \"7\" has 0 targets, expected one label");
  EXPECT_EQ(message_of([&] { encoder->encode(item, {Score{1}}); }), "item \"7\" has a target that is no label");
  EXPECT_EQ(message_of([&] { encoder->encode(item, {Label{"yess"}}); }), "item \"7\" has the label \"yess\", which is none of the task's\n    did you mean \"yes\"?");
}

TEST(ItemEncoder, GivesTheSameOnAnyNumberOfThreads) {
  const Bytes tokenizer(true);
  const auto encoder = make_encoder(kTask, {}, &tokenizer, {.max_length = 20});
  RowsInMemory rows;
  for (int i = 0; i < 1000; ++i) rows.add(text_item(std::to_string(i), std::string(static_cast<std::size_t>(i % 30), 'a')), {Label{i % 3 ? "yes" : "no"}});
  const EncodedSplit one = encoder->encode(rows, 1), four = encoder->encode(rows, 4);
  ASSERT_EQ(one.examples.size(), 1000u);
  EXPECT_GT(one.truncated_items, 0);
  EXPECT_EQ(four.truncated_items, one.truncated_items);
  EXPECT_EQ(four.dropped_tokens, one.dropped_tokens);
  for (std::size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(four.examples[i].ids, one.examples[i].ids);
    EXPECT_EQ(four.examples[i].labels, one.examples[i].labels);
    EXPECT_EQ(four.examples[i].key, item_key(std::to_string(i)));
  }
}

TEST(ItemEncoder, ThrowsTheFirstErrorByRow) {
  const Bytes tokenizer(false);
  RowsInMemory rows;
  for (int i = 0; i < 1000; ++i) rows.add(text_item(std::to_string(i), "a"), {Label{i == 300 || i == 700 ? "x" : "yes"}});
  const auto encoder = make_encoder(kTask, {}, &tokenizer, {});
  for (const int threads : {1, 4}) EXPECT_EQ(message_of([&] { encoder->encode(rows, threads); }), "item \"300\" has the label \"x\", which is none of the task's");
}

}  // namespace
}  // namespace temper::data
