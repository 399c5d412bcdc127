// Answers that a model writes: what it reads, where they end, what they mean, and that neither batch nor cache changes them.
#include "study/answer_by_generation.h"

#include <cmath>

#include <gtest/gtest.h>

#include "inference/score.h"
#include "support/message_of.h"
#include "support/small_model.h"

namespace temper::study {
namespace {

// A token per byte: the letters a to t are 1 to 20, a blank is 21, everything else is 22; 0 begins a text where special tokens are wanted.
class Letters final : public Tokenizer {
 public:
  Encoding encode(std::string_view text, const EncodeOptions& options) const override {
    Encoding encoding;
    if (options.add_special_tokens) add(encoding, 0, 1);
    for (const char c : text) add(encoding, c >= 'a' && c <= 't' ? c - 'a' + 1 : c == ' ' ? 21 : 22, 0);
    if (options.add_special_tokens) add(encoding, 0, 1);  // as some tokenizers end a text
    return encoding;
  }
  Encoding encode_pair(std::string_view, std::string_view, const EncodeOptions&) const override { return {}; }
  std::string decode(std::span<const std::int32_t> ids, bool) const override {
    std::string text;
    for (const std::int32_t id : ids) {
      if (id != 0) text += id == 21 ? ' ' : id == 22 ? '?' : static_cast<char>('a' + id - 1);
    }
    return text;
  }
  std::int64_t vocabulary_size() const override { return 23; }
  std::optional<std::int32_t> id_of(std::string_view) const override { return {}; }
  std::string token_of(std::int32_t) const override { return {}; }
  SpecialIds special_ids() const override {
    SpecialIds ids;
    ids.eos = 0;
    return ids;
  }

 private:
  static void add(Encoding& encoding, std::int32_t id, std::uint8_t is_special) {
    encoding.ids.push_back(id);
    encoding.is_special.push_back(is_special);
  }
};

using Ids = std::vector<std::int32_t>;
Ids ids(const std::string& text) { return Letters().encode(text, {.add_special_tokens = false}).ids; }
Ids begun(const std::string& text) {
  Ids all = ids(text);
  all.insert(all.begin(), 0);
  return all;
}

class AnswerByGeneration : public ::testing::Test {
 protected:
  static Item item(const std::string& id, const std::string& text) {
    Item item{id, {}};
    item.fields.set(kTextField, text);
    return item;
  }
  static WriteOptions with(std::int64_t max_new_tokens, bool sample = false) {
    WriteOptions options;
    options.generation.max_new_tokens = max_new_tokens;
    options.generation.do_sample = sample;
    options.seed = 5;
    return options;
  }
  Written ask(const std::vector<Item>& items, const std::vector<Prompt>& prompts, const WriteOptions& options) {
    return answer_by_generation(model, task, format, &tokenizer, items, prompts, options);
  }
  std::vector<std::string> texts(const Written& written) {
    std::vector<std::string> all;
    for (const Prediction& prediction : written.predictions) all.push_back(to_string(prediction.value));
    return all;
  }

  // What it writes without an end of its own; 0 is no stop token where a config says so.
  TrialModel model{{testing::small_language_model(), "small", parse_json(R"({"eos_token_id": 99})"), {}, {}}, {}, 16, 23};
  Letters tokenizer;
  TaskInfo task{Task::kGeneration, {}};
  PromptFormat format{PromptOptions(), task};
};

TEST_F(AnswerByGeneration, WritesBehindThePromptWithTheTokensThatBeginAText) {
  const Written written = ask({item("i", "fine")}, {{}}, with(6));
  inference::GenerateOptions options;
  options.generation.max_new_tokens = 6;
  const auto expected = inference::generate(model.loaded.model, std::vector<inference::GenerateRequest>{{begun("fine"), 0}}, options);
  const Generated& generated = written.predictions.at(0).generated.value();
  EXPECT_EQ(generated.tokens, expected[0].tokens);
  EXPECT_EQ(generated.text, tokenizer.decode(expected[0].tokens, true));
  EXPECT_EQ(generated.prompt_tokens, 5);
  EXPECT_EQ(generated.finish, "length");
  EXPECT_NEAR(generated.logprob, expected[0].logprob, 1e-6);
  EXPECT_EQ(written.prompts.at(0).text, "fine");
  EXPECT_EQ(written.prompts.at(0).tokens, begun("fine"));
}

TEST_F(AnswerByGeneration, EndsAtTheCheckpointsTokensAndBeforeStopStrings) {
  const Ids free = ask({item("i", "fine")}, {{}}, with(8)).predictions[0].generated->tokens;
  model.loaded.generation_config = parse_json(R"({"eos_token_id": [98, )" + std::to_string(free[3]) + "]}");
  const Generated stopped = ask({item("i", "fine")}, {{}}, with(8)).predictions[0].generated.value();
  EXPECT_EQ(stopped.finish, "stop_token");
  EXPECT_LE(stopped.tokens.size(), 3u);
  EXPECT_EQ(stopped.tokens, Ids(free.begin(), free.begin() + static_cast<std::ptrdiff_t>(stopped.tokens.size())));

  model.loaded.generation_config = {};
  const std::string text = tokenizer.decode(free, true);
  const std::string end = text.substr(3, 2);
  WriteOptions options = with(8);
  options.generation.stop_strings = std::vector<std::string>{end};
  const Prediction ended = ask({item("i", "fine")}, {{}}, options).predictions[0];
  EXPECT_EQ(ended.generated->finish, "stop_string");
  EXPECT_EQ(ended.generated->text, text.substr(0, text.find(end, text.starts_with(' ') ? 1 : 0)));
  EXPECT_LT(ended.generated->tokens.size(), 8u);
  options.generation.stop_strings = std::vector<std::string>{""};
  EXPECT_NE(testing::message_of([&] { ask({item("i", "fine")}, {{}}, options); }).find("stop_strings"), std::string::npos);
}

TEST_F(AnswerByGeneration, IsTheSameInAnyCompanyAndWithoutACache) {
  const std::vector<Item> items = {item("1", "fine"), item("2", "fine"), item("3", ""), item("4", "so so"), item("5", "abcdef")};
  const std::vector<Prompt> prompts(items.size(), Prompt{{{"shot", "ab "}}, Prompt::LeaveOut::kFirst});
  for (const bool sample : {false, true}) {
    const Written all = ask(items, prompts, with(5, sample));
    WriteOptions options = with(5, sample);
    options.plain = true;
    const Written plain = ask(items, prompts, options);
    EXPECT_EQ(texts(plain), texts(all));
    EXPECT_GT(plain.work.tokens, all.work.tokens);
    options = with(5, sample);
    options.rows = 1;
    EXPECT_EQ(texts(ask(items, prompts, options)), texts(all));
    for (std::size_t i = 0; i < items.size(); ++i) EXPECT_EQ(texts(ask({items[i]}, {prompts[i]}, with(5, sample)))[0], texts(all)[i]) << i;
    if (sample) {
      EXPECT_NE(texts(all)[0], texts(all)[1]);  // the same prompt, another item
    } else {
      EXPECT_EQ(texts(all)[0], texts(all)[1]);
    }
  }
}

TEST_F(AnswerByGeneration, LeavesOutBlocksUntilTheAnswerFitsToo) {
  const Prompt prompt{{{"first", "aaaaa"}, {"second", "bbbb"}}, Prompt::LeaveOut::kFirst};
  // 16 positions: 1 that begins the text, 4 + 5 + 4 of the prompt, 2 of the answer.
  EXPECT_EQ(ask({item("i", "fine")}, {prompt}, with(2)).predictions[0].used_ids, (std::vector<std::string>{"first", "second"}));
  const Prediction longer = ask({item("i", "fine")}, {prompt}, with(3)).predictions[0];
  EXPECT_EQ(longer.used_ids, std::vector<std::string>{"second"});
  EXPECT_EQ(longer.dropped_ids, std::vector<std::string>{"first"});
  EXPECT_EQ(longer.generated->tokens, ask({item("i", "bbbbfine")}, {{}}, with(3)).predictions[0].generated->tokens);
}

TEST_F(AnswerByGeneration, CutsAnItemThatIsTooLongOrRefusesIt) {
  const Written cut = ask({item("i", "abcdefghijklmnopqrst"), item("j", "ab")}, {{}, {}}, with(4));
  EXPECT_EQ(cut.truncated_items, 1);
  EXPECT_EQ(cut.dropped_tokens, 21 - 12);
  EXPECT_EQ(cut.prompts[0].tokens, ids("ijklmnopqrst"));
  EXPECT_EQ(cut.predictions[0].generated->tokens.size(), 4u);

  WriteOptions options = with(4);
  options.too_long = TooLong::kError;
  const std::string message = testing::message_of([&] { ask({item("i", "abcdefghijklmno")}, {{}}, options); });
  EXPECT_NE(message.find("\"i\" is a prompt of 16 tokens, the model reads at most 16"), std::string::npos) << message;
  // Where it fits, but leaves less room than an answer may take, the answer ends with the context.
  const Written full = ask({item("i", "abcdefghijklm")}, {{}}, options);
  EXPECT_EQ(full.truncated_items, 0);
  EXPECT_EQ(full.predictions[0].generated->finish, "context");
  EXPECT_EQ(full.predictions[0].generated->tokens.size(), 2u);
  EXPECT_NE(testing::message_of([&] { ask({item("i", "a")}, {{}}, with(16)); }).find("lower max_new_tokens"), std::string::npos);
}

TEST_F(AnswerByGeneration, LetsTheModelWriteTheBlanksAfterAPromptUnlessTheyAreKept) {
  Written moved = ask({item("i", "fine  ")}, {{}}, with(4));
  EXPECT_EQ(moved.prompts[0].tokens, begun("fine"));
  EXPECT_EQ(moved.prompts[0].blanks, "  ");
  score_references(model, format, tokenizer, moved.prompts, std::vector<Targets>{{Text{"good"}}}, with(4), moved.predictions);
  const auto score = inference::score(model.loaded.model, std::vector<inference::ScoreRequest>{{begun("fine"), ids("   good")}}, {});
  EXPECT_NEAR(moved.predictions[0].nll, -score[0].logprob, 1e-5);
  WriteOptions options = with(4);
  options.keep_blanks = true;
  EXPECT_EQ(ask({item("i", "fine  ")}, {{}}, options).prompts[0].tokens, begun("fine  "));
}

TEST_F(AnswerByGeneration, GivesTheLabelThatItSpells) {
  const std::string text = texts(ask({item("i", "fine")}, {{}}, with(6)))[0];
  TaskInfo labels{Task::kClassification, {"bad", "good"}};
  PromptOptions options;
  options.labels = {{"good", " " + text.substr(0, 6)}, {"bad", " zzz"}};
  const auto answered = [&](const PromptOptions& prompt) {
    return answer_by_generation(model, labels, PromptFormat(prompt, labels), &tokenizer, std::vector<Item>{item("i", "fine")}, std::vector<Prompt>(1), with(6)).predictions.at(0);
  };
  EXPECT_EQ(std::get<Label>(answered(options).value).name, "good");
  options.labels = {{"good", " qqq"}, {"bad", " zzz"}};
  EXPECT_EQ(std::get<Label>(answered(options).value).name, kNoLabel);
  EXPECT_EQ(answered(options).generated->text, text);
}

TEST_F(AnswerByGeneration, GoesOnBehindIdsThatAnItemBringsWithoutATokenizer) {
  Item with_ids{"i", {}};
  with_ids.fields.set(kInputIdsField, std::vector<std::int64_t>{0, 6, 9, 14, 5});  // "fine" as a text begins
  const std::vector<Item> items = {with_ids};
  const std::vector<Prompt> prompts(1);
  const Prediction answer = answer_by_generation(model, task, format, nullptr, items, prompts, with(4)).predictions.at(0);
  EXPECT_EQ(answer.generated->tokens, ask({item("i", "fine")}, {{}}, with(4)).predictions[0].generated->tokens);
  EXPECT_EQ(answer.generated->text, "");
  Item wrong{"i", {}};
  wrong.fields.set(kInputIdsField, std::vector<std::int64_t>{6, 29});
  EXPECT_NE(testing::message_of([&] { ask({wrong}, {{}}, with(4)); }).find("the token id 29, the model's vocabulary has 23 tokens"), std::string::npos);
  EXPECT_NE(testing::message_of([&] { ask({with_ids}, {Prompt{{{"shot", "a"}}, Prompt::LeaveOut::kFirst}}, with(4)); }).find("brings token ids"), std::string::npos);
  const std::vector<Item> text = {item("i", "fine")};
  EXPECT_NE(testing::message_of([&] { answer_by_generation(model, task, format, nullptr, text, prompts, with(4)); }).find("no tokenizer"), std::string::npos);
}

TEST_F(AnswerByGeneration, ScoresReferencesBehindTheirPrompts) {
  WriteOptions options = with(4);
  options.write = false;
  Written written = ask({item("i", "fine"), item("j", "ab")}, {{}, {}}, options);
  EXPECT_FALSE(written.predictions[0].generated);
  EXPECT_EQ(written.work.tokens, 0);
  score_references(model, format, tokenizer, written.prompts, std::vector<Targets>{{Text{"good"}}, {}}, options, written.predictions);
  const auto score = inference::score(model.loaded.model, std::vector<inference::ScoreRequest>{{begun("fine"), ids(" good")}}, {});
  EXPECT_NEAR(written.predictions[0].nll, -score[0].logprob, 1e-5);
  EXPECT_EQ(written.predictions[0].nll_tokens, 5);
  EXPECT_EQ(written.predictions[1].nll_tokens, 0);
  const TaskInfo labels{Task::kClassification, {"bad", "good"}};
  score_references(model, PromptFormat(PromptOptions(), labels), tokenizer, written.prompts, std::vector<Targets>{{Label{"good"}}, {}}, options, written.predictions);
  EXPECT_NEAR(written.predictions[0].nll, -score[0].logprob, 1e-5);
  EXPECT_EQ(written.predictions[0].nll_tokens, 1);
}

}  // namespace
}  // namespace temper::study
