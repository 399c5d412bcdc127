// What each task's encoder makes of an item: words and tags, windows and spans, prompts and answers, blocks of texts.
#include <gtest/gtest.h>

#include <temper/error.h>

#include "data/encode_items.h"
#include "support/message_of.h"

namespace temper::data {
namespace {

using testing::message_of;
using Ids = std::vector<std::int32_t>;
using Wide = std::vector<std::int64_t>;

// A token per letter, its value the id. With `cls` a text stands between 1 and 2, a second one is ended by 2 as well and has type 1; blanks
// are no tokens then. Otherwise a blank belongs to the letter behind it, as in GPT-2: it adds 128 to its id.
class Letters final : public Tokenizer {
 public:
  explicit Letters(bool cls) : cls_(cls) {}
  Encoding encode(std::string_view text, const EncodeOptions& options) const override {
    Encoding encoding;
    const bool frame = cls_ && options.add_special_tokens;
    if (frame) add(encoding, 1, {}, 0, true);
    add_text(encoding, text, 0);
    if (frame) add(encoding, 2, {}, 0, true);
    return encoding;
  }
  Encoding encode_pair(std::string_view first, std::string_view second, const EncodeOptions& options) const override {
    Encoding encoding = encode(first, options);
    add_text(encoding, second, 1);
    if (cls_ && options.add_special_tokens) add(encoding, 2, {}, 1, true);
    return encoding;
  }
  std::string decode(std::span<const std::int32_t>, bool) const override { return {}; }
  std::int64_t vocabulary_size() const override { return 256; }
  std::optional<std::int32_t> id_of(std::string_view) const override { return {}; }
  std::string token_of(std::int32_t) const override { return {}; }
  SpecialIds special_ids() const override { return cls_ ? SpecialIds{.sep = 2, .cls = 1, .mask = 4} : SpecialIds{.eos = 0}; }

 private:
  static void add(Encoding& encoding, std::int32_t id, ByteRange place, std::int32_t type, bool is_special) {
    encoding.ids.push_back(id);
    encoding.offsets.push_back(place);
    encoding.type_ids.push_back(type);
    encoding.is_special.push_back(is_special);
  }
  void add_text(Encoding& encoding, std::string_view text, std::int32_t type) const {
    for (std::uint32_t i = 0; i < text.size(); ++i) {
      if (text[i] == ' ') continue;
      const bool behind_blank = !cls_ && i > 0 && text[i - 1] == ' ';
      add(encoding, static_cast<unsigned char>(text[i]) + (behind_blank ? 128 : 0), {behind_blank ? i - 1 : i, i + 1}, type, false);
    }
  }
  bool cls_;
};

Item item_of(std::vector<std::pair<std::string, FieldValue>> fields) {
  Item item{"7", {}};
  for (auto& [name, value] : fields) item.fields.set(name, std::move(value));
  return item;
}

constexpr std::int64_t kNot = kIgnored;

TEST(TagsEncoder, PutsTheTagOfAWordOnItsFirstToken) {
  const Letters tokenizer(true);
  const auto encoder = make_encoder({Task::kTokenClassification, {"B", "O"}}, {}, &tokenizer, {});
  const EncodedItem encoded = encoder->encode(item_of({{"tokens", std::vector<std::string>{"ab", "", "c"}}}), {Tags{{"B", "O", "O"}}});
  EXPECT_EQ(encoded.examples[0].ids, (Ids{1, 'a', 'b', 'c', 2}));
  EXPECT_EQ(encoded.examples[0].labels, (Wide{kNot, 0, kNot, 1, kNot}));
  EXPECT_EQ(encoded.examples[0].read, (Ids{1, 3}));
  EXPECT_EQ(encoded.readings[0].rows, (Ids{0, -1, 1}));  // a word without tokens has no row
}

TEST(TagsEncoder, CountsWhatTheLimitCutsOffAndSaysWhichWordsHaveNoRow) {
  const Letters tokenizer(true);
  const auto encoder = make_encoder({Task::kTokenClassification, {"B", "O"}}, {}, &tokenizer, {.max_length = 5});
  const EncodedItem encoded = encoder->encode(item_of({{"tokens", std::vector<std::string>{"ab", "cde", "f"}}}), {Tags{{"B", "O", "B"}}});
  EXPECT_EQ(encoded.examples[0].ids, (Ids{1, 'a', 'b', 'c', 2}));
  EXPECT_EQ(encoded.examples[0].labels, (Wide{kNot, 0, kNot, 1, kNot}));
  EXPECT_EQ(encoded.readings[0].rows, (Ids{0, 1, -1}));
  EXPECT_EQ(encoded.dropped_tokens, 3);
}

TEST(TagsEncoder, TokenizesWordsBehindABlankWhereTheTokenizerJoinsThemSo) {
  const Letters tokenizer(false);
  const auto encoder = make_encoder({Task::kTokenClassification, {"O"}}, {}, &tokenizer, {});
  EXPECT_EQ(encoder->encode(item_of({{"tokens", std::vector<std::string>{"ab", "c"}}})).examples[0].ids, (Ids{'a' + 128, 'b', 'c' + 128}));
}

TEST(TagsEncoder, TellsOfTagsThatAreNotOnePerWord) {
  const Letters tokenizer(true);
  const auto encoder = make_encoder({Task::kTokenClassification, {"O"}}, {}, &tokenizer, {});
  const Item item = item_of({{"tokens", std::vector<std::string>{"a", "b"}}});
  EXPECT_EQ(message_of([&] { encoder->encode(item, {Tags{{"O"}}}); }), "item \"7\" has 2 words and 1 tags");
  EXPECT_EQ(message_of([&] { encoder->encode(item, {Label{"O"}}); }), "item \"7\" has a target that is no list of tags");
}

Item question(const std::string& context) { return item_of({{"question", std::string("qr")}, {"context", context}}); }

TEST(SpansEncoder, ReadsQuestionAndContextAndPointsAtTheAnswersTokens) {
  const Letters tokenizer(true);
  const auto encoder = make_encoder({Task::kQuestionAnswering, {}}, {}, &tokenizer, {});
  const EncodedItem encoded = encoder->encode(question("ab cd"), {Spans{{{3, 5, "cd"}}}});
  ASSERT_EQ(encoded.examples.size(), 1u);
  EXPECT_EQ(encoded.examples[0].ids, (Ids{1, 'q', 'r', 2, 'a', 'b', 'c', 'd', 2}));
  EXPECT_EQ(encoded.examples[0].type_ids, (Ids{0, 0, 0, 0, 1, 1, 1, 1, 1}));
  EXPECT_EQ(encoded.examples[0].labels, (Wide{6, 7}));
  EXPECT_EQ(encoded.readings[0].places[6], (ByteRange{3, 4}));
  EXPECT_EQ(encoded.readings[0].places[1], (ByteRange{0, 0}));
  EXPECT_EQ(encoder->encode(question("ab"), {Spans{}}).examples[0].labels, (Wide{0, 0}));
}

TEST(SpansEncoder, ReadsALongContextInWindowsThatShareTokens) {
  const Letters tokenizer(true);
  const auto encoder = make_encoder({Task::kQuestionAnswering, {}}, {}, &tokenizer, {.max_length = 9, .doc_stride = 2});
  const EncodedItem encoded = encoder->encode(question("abcdefg"), {Spans{{{4, 6, "ef"}}}});
  ASSERT_EQ(encoded.examples.size(), 3u);  // abcd, cdef, efg
  EXPECT_EQ(encoded.examples[1].ids, (Ids{1, 'q', 'r', 2, 'c', 'd', 'e', 'f', 2}));
  EXPECT_EQ(encoded.examples[2].ids, (Ids{1, 'q', 'r', 2, 'e', 'f', 'g', 2}));
  EXPECT_EQ(encoded.examples[0].labels, (Wide{0, 0}));  // the answer is not in it
  EXPECT_EQ(encoded.examples[1].labels, (Wide{6, 7}));
  EXPECT_EQ(encoded.examples[2].labels, (Wide{4, 5}));
  EXPECT_NE(encoded.examples[1].key, encoded.examples[0].key);
}

TEST(SpansEncoder, TellsOfAnswersOutsideTheContext) {
  const Letters tokenizer(true);
  const auto encoder = make_encoder({Task::kQuestionAnswering, {}}, {}, &tokenizer, {});
  EXPECT_EQ(message_of([&] { encoder->encode(question("ab"), {Spans{{{1, 5, "b"}}}}); }), "item \"7\" has an answer at bytes 1 to 5 of a context of 2 bytes");
  EXPECT_NE(message_of([&] { encoder->encode(item_of({{"text", std::string("a")}})); }).find("has no field \"context\""), std::string::npos);
}

TEST(CompletionEncoder, LearnsTheAnswerAndItsEnd) {
  const Letters tokenizer(false);
  const TaskInfo task{Task::kGeneration, {}};
  const Item item = item_of({{"text", std::string("ab")}});
  const EncodedItem encoded = make_encoder(task, {}, &tokenizer, {})->encode(item, {Text{"c"}});
  EXPECT_EQ(encoded.examples[0].ids, (Ids{'a', 'b', 'c' + 128, 0}));
  EXPECT_EQ(encoded.examples[0].labels, (Wide{kNot, kNot, 'c' + 128, 0}));
  EXPECT_EQ(make_encoder(task, {}, &tokenizer, {.completion_only_loss = false})->encode(item, {Text{"c"}}).examples[0].labels, (Wide{'a', 'b', 'c' + 128, 0}));
  EXPECT_EQ(make_encoder(task, {}, &tokenizer, {})->encode(item).examples[0].ids, (Ids{'a', 'b'}));
  // A checkpoint may end its texts with another token than its tokenizer's eos.
  EXPECT_EQ(make_encoder(task, {}, &tokenizer, {.end_token = 9})->encode(item, {Text{"c"}}).examples[0].ids, (Ids{'a', 'b', 'c' + 128, 9}));
}

TEST(CompletionEncoder, CutsThePromptInFront) {
  const Letters tokenizer(false);
  const TaskInfo task{Task::kGeneration, {}};
  const EncodedItem encoded = make_encoder(task, {}, &tokenizer, {.max_length = 3})->encode(item_of({{"text", std::string("abcd")}}), {Text{"e"}});
  EXPECT_EQ(encoded.examples[0].ids, (Ids{'d', 'e' + 128, 0}));
  EXPECT_EQ(encoded.dropped_tokens, 3);
}

RowsInMemory texts(const std::vector<std::string>& all) {
  RowsInMemory rows;
  for (const std::string& text : all) {
    Item item{text, {}};
    item.fields.set("text", text);
    rows.add(std::move(item), {});
  }
  return rows;
}

TEST(DocumentEncoder, FillsBlocksWithTextsThatStandApart) {
  const Letters tokenizer(false);
  const auto encoder = make_encoder({Task::kLanguageModeling, {}}, {}, &tokenizer, {.max_length = 6});
  const EncodedSplit encoded = encoder->encode(texts({"ab", "cdef"}), 1);
  ASSERT_EQ(encoded.examples.size(), 2u);  // 0 begins a text; what goes on takes its last token along
  EXPECT_EQ(encoded.examples[0].ids, (Ids{0, 'a', 'b', 0, 'c', 'd'}));
  EXPECT_EQ(encoded.examples[0].labels, (Wide{kNot, 'a', 'b', kNot, 'c', 'd'}));
  ASSERT_EQ(encoded.examples[0].parts.size(), 2u);
  EXPECT_EQ(encoded.examples[0].parts[1].begin, 3);
  EXPECT_EQ(encoded.examples[1].ids, (Ids{'d', 'e', 'f'}));
  EXPECT_EQ(encoded.examples[1].labels, (Wide{kNot, 'e', 'f'}));
  EXPECT_TRUE(encoded.first.empty());
}

TEST(DocumentEncoder, CutsOneLongTextWhereTextsAreConcatenated) {
  const Letters tokenizer(false);
  const auto encoder = make_encoder({Task::kLanguageModeling, {}}, {}, &tokenizer, {.max_length = 4, .packing = Packing::kConcatenated});
  const EncodedSplit encoded = encoder->encode(texts({"ab", "cdefg"}), 1);
  ASSERT_EQ(encoded.examples.size(), 1u);
  EXPECT_EQ(encoded.examples[0].ids, (Ids{'a', 'b', 'c', 'd'}));
  EXPECT_TRUE(encoded.examples[0].parts.empty());
  EXPECT_EQ(encoded.dropped_tokens, 3);
}

TEST(DocumentEncoder, ScoresEveryTokenOfATextOnceInWindows) {
  const Letters tokenizer(false);
  const auto encoder = make_encoder({Task::kLanguageModeling, {}}, {}, &tokenizer, {.max_length = 4, .purpose = EncodeFor::kAnswers});
  const EncodedSplit encoded = encoder->encode(texts({"abcde", "f"}), 1);
  ASSERT_EQ(encoded.examples.size(), 3u);
  EXPECT_EQ(encoded.examples[0].ids, (Ids{0, 'a', 'b', 'c'}));
  EXPECT_EQ(encoded.examples[1].ids, (Ids{'b', 'c', 'd', 'e'}));  // the last window reaches back
  EXPECT_EQ(encoded.examples[1].labels, (Wide{kNot, kNot, 'd', 'e'}));
  EXPECT_EQ(encoded.examples[2].ids, (Ids{0, 'f'}));
  EXPECT_EQ(encoded.first, (std::vector<std::size_t>{0, 2, 3}));
}

TEST(DocumentEncoder, FramesEveryPieceForAMaskedModel) {
  const Letters tokenizer(true);
  const auto encoder = make_encoder({Task::kLanguageModeling, {}}, {}, &tokenizer, {.max_length = 5, .masked = true});
  const EncodedSplit encoded = encoder->encode(texts({"abcd"}), 1);
  ASSERT_EQ(encoded.examples.size(), 2u);
  EXPECT_EQ(encoded.examples[0].ids, (Ids{1, 'a', 'b', 'c', 2}));
  EXPECT_EQ(encoded.examples[0].labels, (Wide{kNot, 'a', 'b', 'c', kNot}));
  EXPECT_EQ(encoded.examples[1].ids, (Ids{1, 'd', 2}));
}

TEST(PairEncoder, ReadsASecondTextUnlessTheTemplateNamesIt) {
  const Letters tokenizer(true);
  const TaskInfo task{Task::kRegression, {}};
  const Item item = item_of({{"text", std::string("a")}, {"text_pair", std::string("b")}});
  const EncodedItem pair = make_encoder(task, {}, &tokenizer, {})->encode(item, {Score{2.5}});
  EXPECT_EQ(pair.examples[0].ids, (Ids{1, 'a', 2, 'b', 2}));
  EXPECT_EQ(pair.examples[0].type_ids, (Ids{0, 0, 0, 1, 1}));
  EXPECT_EQ(pair.examples[0].values, std::vector<float>{2.5f});
  PromptOptions prompt;
  prompt.input = "{text_pair}{text}";
  EXPECT_EQ(make_encoder(task, prompt, &tokenizer, {})->encode(item).examples[0].ids, (Ids{1, 'b', 'a', 2}));
}

TEST(LabelsEncoder, MarksEachLabelThatHolds) {
  const Letters tokenizer(true);
  const auto encoder = make_encoder({Task::kMultiLabel, {"x", "y", "z"}}, {}, &tokenizer, {});
  EXPECT_EQ(encoder->encode(item_of({{"text", std::string("a")}}), {Labels{{"z", "x"}}}).examples[0].values, (std::vector<float>{1, 0, 1}));
}

}  // namespace
}  // namespace temper::data
