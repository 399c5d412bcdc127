// Answers by choice: prompts and labels as tokens, what fits, and what the probabilities are made of.
#include "study/answer_by_choice.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "support/message_of.h"
#include "support/small_model.h"

namespace temper::study {
namespace {

// A token per byte: the letters a to u are 1 to 21, everything else is 22; the text begins where 0 would stand.
class Letters final : public Tokenizer {
 public:
  Encoding encode(std::string_view text, const EncodeOptions&) const override {
    Encoding encoding;
    for (const char c : text) encoding.ids.push_back(c >= 'a' && c <= 'u' ? c - 'a' + 1 : 22);
    return encoding;
  }
  Encoding encode_pair(std::string_view, std::string_view, const EncodeOptions&) const override { return {}; }
  std::string decode(std::span<const std::int32_t>, bool) const override { return {}; }
  std::int64_t vocabulary_size() const override { return 23; }
  std::optional<std::int32_t> id_of(std::string_view) const override { return {}; }
  std::string token_of(std::int32_t) const override { return {}; }
  SpecialIds special_ids() const override {
    SpecialIds ids;
    ids.eos = 0;
    return ids;
  }
};

TrialModel small_trial_model() { return {{testing::small_language_model(), "small", Value(), {}, {}}, {}, 16, 23}; }

class AnswerByChoice : public ::testing::Test {
 protected:
  static Item item(const std::string& text) {
    Item item{"i", {}};
    item.fields.set(kTextField, text);
    return item;
  }
  static PromptOptions prompt_options() {
    PromptOptions options;
    options.labels = {{"bad", "bad"}, {"good", "good"}, {"so", "c"}};
    return options;
  }
  Choices ask(const std::vector<Item>& items, const std::vector<Prompt>& prompts, const ChoiceOptions& options = {}) {
    return answer_by_choice(model, task, format, &tokenizer, items, prompts, options);
  }

  TrialModel model = small_trial_model();
  Letters tokenizer;
  TaskInfo task{Task::kClassification, {"bad", "good", "so"}};
  PromptFormat format{prompt_options(), task};
};

std::vector<std::int32_t> ids(const std::string& text) { return Letters().encode(text, {}).ids; }

TEST_F(AnswerByChoice, TellsHowManyItemsHaveTheirAnswer) {
  std::vector<Item> items;
  for (const char* text : {"good a", "a bad", "so so", "bad so", "c"}) items.push_back(item(text));
  std::vector<std::int64_t> told;
  ask(items, std::vector<Prompt>(items.size()), {.share_prefixes = false, .batch_size = 1, .answered = [&](std::int64_t more) { told.push_back(more); }});
  EXPECT_GT(told.size(), 1u);
  EXPECT_EQ(std::accumulate(told.begin(), told.end(), std::int64_t{0}), 5);
}

TEST_F(AnswerByChoice, TakesTheLikeliestSpelling) {
  const Prediction answer = ask({item("fine")}, {{}}).predictions.at(0);
  const auto scores = inference::score(model.loaded.model, std::vector<inference::ScoreRequest>{{ids("fine"), ids("bad")}, {ids("fine"), ids("good")}, {ids("fine"), ids("c")}}, {});
  double total = 0;
  for (const auto& score : scores) total += std::exp(score.logprob);
  std::size_t best = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(answer.logits.at(i), scores[i].logprob, 1e-5);
    EXPECT_NEAR(answer.probabilities.at(i), std::exp(scores[i].logprob) / total, 1e-5);
    if (scores[i].logprob > scores[best].logprob) best = i;
  }
  EXPECT_EQ(to_string(answer.value), task.labels[best]);
}

TEST_F(AnswerByChoice, DividesByTokensOrBytesWhereAsked) {
  const auto sums = ask({item("fine")}, {{}}).predictions.at(0).logits;
  const auto by_tokens = ask({item("fine")}, {{}}, {.normalization = ChoiceNormalization::kTokens}).predictions.at(0).logits;
  const auto by_bytes = ask({item("fine")}, {{}}, {.normalization = ChoiceNormalization::kBytes}).predictions.at(0).logits;
  for (std::size_t i = 0; i < 3; ++i) {
    const double length = std::vector<double>{3, 4, 1}[i];  // here a token is a byte
    EXPECT_NEAR(by_tokens[i], sums[i] / length, 1e-6);
    EXPECT_NEAR(by_bytes[i], sums[i] / length, 1e-6);
  }
}

TEST_F(AnswerByChoice, LeavesOutBlocksUntilTheLongestLabelFits) {
  const Prompt prompt{{{"first", "aaaaa"}, {"second", "bbbb"}}, Prompt::LeaveOut::kFirst};
  // 16 positions hold 17 tokens, the last of which is not read: 4 of the label, 4 + 4, and 5 more.
  EXPECT_EQ(ask({item("fine")}, {prompt}).predictions.at(0).used_ids, (std::vector<std::string>{"first", "second"}));
  const Prediction longer = ask({item("finer")}, {prompt}).predictions.at(0);
  EXPECT_EQ(longer.used_ids, std::vector<std::string>{"second"});
  EXPECT_EQ(longer.dropped_ids, std::vector<std::string>{"first"});
  EXPECT_NEAR(longer.logits[0], ask({item("bbbbfiner")}, {{}}).predictions.at(0).logits[0], 1e-5);
}

TEST_F(AnswerByChoice, CutsAnItemThatIsTooLongAloneOnTheLeftAndCountsIt) {
  const Choices choices = ask({item("abcdefghijklmnopqrst"), item("ab")}, {{}, {}});
  EXPECT_EQ(choices.truncated_items, 1);
  EXPECT_EQ(choices.dropped_tokens, 20 - 13);
  EXPECT_NEAR(choices.predictions[0].logits[1], ask({item("hijklmnopqrst")}, {{}}).predictions.at(0).logits[1], 1e-5);
}

TEST_F(AnswerByChoice, GoesOnBehindIdsThatAnItemBrings) {
  Item with_ids{"i", {}};
  with_ids.fields.set(kInputIdsField, std::vector<std::int64_t>{6, 9, 14, 5});  // "fine"
  EXPECT_NEAR(ask({with_ids}, {{}}).predictions.at(0).logits[1], ask({item("fine")}, {{}}).predictions.at(0).logits[1], 1e-5);
  EXPECT_NE(testing::message_of([&] { ask({with_ids}, {Prompt{{{"shot", "a"}}, Prompt::LeaveOut::kFirst}}); }).find("brings token ids"), std::string::npos);
  Item wrong{"i", {}};
  wrong.fields.set(kInputIdsField, std::vector<std::int64_t>{6, 23});
  EXPECT_NE(testing::message_of([&] { ask({wrong}, {{}}); }).find("outside the model's vocabulary of 23"), std::string::npos);
}

TEST_F(AnswerByChoice, IsTheSameWithoutSharing) {
  const std::vector<Item> items = {item("fine"), item("fun"), item(""), item("so so")};
  const Prompt prompt{{{"shot", "abcdef"}}, Prompt::LeaveOut::kFirst};
  const std::vector<Prompt> prompts(items.size(), prompt);
  const Choices shared = ask(items, prompts), alone = ask(items, prompts, {.share_prefixes = false}), plain = ask(items, prompts, {.plain = true});
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (std::size_t label = 0; label < 3; ++label) {
      EXPECT_NEAR(shared.predictions[i].logits[label], alone.predictions[i].logits[label], 1e-5);
      EXPECT_NEAR(shared.predictions[i].logits[label], plain.predictions[i].logits[label], 1e-5);
    }
  }
  EXPECT_LT(shared.work.tokens, alone.work.tokens);
  EXPECT_EQ(alone.work.tokens, alone.work.requested_tokens);
}

TEST_F(AnswerByChoice, BeginsAnEmptyPromptWithTheEndOfTextAndNeedsATokenizer) {
  const auto empty = ask({item("")}, {{}}).predictions.at(0);
  const auto score = inference::score(model.loaded.model, std::vector<inference::ScoreRequest>{{{0}, ids("bad")}}, {});
  EXPECT_NEAR(empty.logits[0], score[0].logprob, 1e-5);
  const std::vector<Item> items = {item("a")};
  const std::vector<Prompt> prompts(1);
  EXPECT_NE(testing::message_of([&] { answer_by_choice(model, task, format, nullptr, items, prompts, {}); }).find("no tokenizer"), std::string::npos);
}

}  // namespace
}  // namespace temper::study
