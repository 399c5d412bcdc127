// The plugin few_shot: the contract of strategies, which examples it shows, and that they come from the train split alone.
#include <temper/testing/strategy.h>

#include <set>

#include <gtest/gtest.h>

#include "conformance/strategy_stage.h"
#include "registry/registry.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

Value options(Value::Table table) { return Value(std::move(table)); }
std::unique_ptr<Strategy> few_shot(Value::Table table) { return registry::installed().create<Strategy>("few_shot", options(std::move(table))); }

TEST(FewShot, KeepsTheStrategyContractHoweverItSelects) {
  for (const char* selection : {"random", "balanced", "nearest"}) {
    for (const std::int64_t shots : {0, 1, 2, 4, 16}) {
      testing::check_strategy("few_shot", options({{"selection", Value(selection)}, {"shots", Value(shots)}}));
      testing::check_strategy("few_shot", options({{"selection", Value(selection)}, {"shots", Value(shots)}, {"order", Value(2)}}));
    }
  }
  testing::check_strategy("few_shot", options({{"normalization", Value("bytes")}, {"separator", Value(" ")}}));
}

struct Shown {
  std::vector<std::string> ids, texts;
};

// What stands before an item.
Shown shown(Strategy& strategy, const std::string& text = "tall oak", const testing::StageSetup& setup = {}) {
  testing::Stage stage(setup);
  strategy.adapt(stage);
  Item item{"asked", {}};
  item.fields.set(kTextField, text);
  Shown shown;
  const std::vector<Prompt> prompts = strategy.prepare(stage, std::vector<Item>{item});
  for (const PromptBlock& block : prompts.at(0).blocks) {
    shown.ids.push_back(block.id);
    shown.texts.push_back(block.text);
  }
  return shown;
}

Shown shown(Value::Table table, const std::string& text = "tall oak", const testing::StageSetup& setup = {}) { return shown(*few_shot(std::move(table)), text, setup); }

TEST(FewShot, ShowsExamplesWithTheirLabelsAndASeparator) {
  EXPECT_EQ(shown({{"examples", Value(Value::Array{Value("train-3"), Value("train-0")})}, {"shots", Value(2)}, {"separator", Value("\n--\n")}}).texts,
            (std::vector<std::string>{"old oak tree\n--\n", "red apple fruit\n--\n"}));
  EXPECT_TRUE(shown({{"shots", Value(0)}}).ids.empty());
  EXPECT_EQ(shown({{"shots", Value(100)}}).ids.size(), 6u);  // all there are
}

TEST(FewShot, DrawsFromTheSeedAndGrowsByAdding) {
  const auto two = shown({{"shots", Value(2)}}).ids, four = shown({{"shots", Value(4)}}).ids;
  EXPECT_EQ(std::vector<std::string>(four.begin(), four.begin() + 2), two);
  std::set<std::vector<std::string>> drawn;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) drawn.insert(shown({{"shots", Value(2)}}, "tall oak", {.seed = seed}).ids);
  EXPECT_GT(drawn.size(), 8u);
}

TEST(FewShot, LetsLabelsTakeTurnsWhereItBalances) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    std::multiset<std::string> labels;
    for (const std::string& text : shown({{"shots", Value(3)}, {"selection", Value("balanced")}}, "tall oak", {.seed = seed}).texts) labels.insert(text.substr(text.rfind(' ') + 1));
    EXPECT_EQ(labels, (std::multiset<std::string>{"fruit\n\n", "rock\n\n", "tree\n\n"}));
  }
}

TEST(FewShot, PutsTheNearestExampleNextToTheItem) {
  const auto ids = shown({{"shots", Value(2)}, {"selection", Value("nearest")}}).ids;
  EXPECT_EQ(ids, (std::vector<std::string>{"train-3", "train-4"}));  // "old oak", then "tall oak"
  const auto filled = shown({{"shots", Value(3)}, {"selection", Value("nearest")}}).ids;
  EXPECT_EQ(filled, (std::vector<std::string>{"train-0", "train-3", "train-4"}));  // nothing else speaks for the item: the first row
}

TEST(FewShot, ShowsNoItemToItself) {
  testing::Stage stage({});
  const auto strategy = few_shot({{"shots", Value(1)}, {"selection", Value("nearest")}});
  strategy->adapt(stage);
  const std::vector<Item> items = {stage.train().item(4)};
  EXPECT_EQ(strategy->prepare(stage, items).at(0).blocks.at(0).id, "train-3");
}

TEST(FewShot, PermutesTheSameExamplesByOrder) {
  std::set<std::vector<std::string>> orders;
  const auto chosen = shown({{"shots", Value(4)}}).ids;
  for (int order = 0; order < 8; ++order) {
    const auto ids = shown({{"shots", Value(4)}, {"order", Value(order)}}).ids;
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()), std::set<std::string>(chosen.begin(), chosen.end()));
    EXPECT_EQ(ids, shown({{"shots", Value(4)}, {"order", Value(order)}}).ids);
    orders.insert(ids);
  }
  EXPECT_GT(orders.size(), 4u);
}

TEST(FewShot, NeedsASeedOnlyWhereItDraws) {
  EXPECT_TRUE(few_shot({{"shots", Value(2)}})->needs().seed);
  EXPECT_FALSE(few_shot({{"shots", Value(0)}, {"order", Value(3)}})->needs().seed);
  EXPECT_FALSE(few_shot({{"shots", Value(2)}, {"selection", Value("nearest")}})->needs().seed);
  EXPECT_TRUE(few_shot({{"shots", Value(2)}, {"selection", Value("nearest")}, {"order", Value(1)}})->needs().seed);
  EXPECT_FALSE(few_shot({{"shots", Value(1)}, {"examples", Value(Value::Array{Value("train-3")})}})->needs().seed);
  EXPECT_FALSE(few_shot({})->needs().training);
}

TEST(FewShot, WritesTextsAndChoosesLabelsUnlessToldOtherwise) {
  EXPECT_EQ(few_shot({})->cannot(Task::kGeneration), "");
  EXPECT_EQ(few_shot({{"answer", Value("generation")}})->cannot(Task::kClassification), "");
  EXPECT_NE(few_shot({{"answer", Value("choice")}})->cannot(Task::kGeneration), "");
  EXPECT_NE(few_shot({{"selection", Value("balanced")}})->cannot(Task::kGeneration), "");
  EXPECT_NE(few_shot({})->cannot(Task::kTokenClassification), "");
  EXPECT_THROW(few_shot({{"answer", Value("head")}}), Error);
}

TEST(FewShot, EndsWhatIsWrittenBeforeTheNextExample) {
  const auto stops = [](Value::Table table) { return few_shot(std::move(table))->answer_options().generation.stop_strings; };
  EXPECT_EQ(stops({{"separator", Value("\n--\n")}}), (std::vector<std::string>{"\n--\n"}));
  EXPECT_FALSE(stops({{"shots", Value(0)}}));
  EXPECT_FALSE(stops({{"separator", Value("")}}));
  EXPECT_EQ(stops({{"generation", options({{"stop_strings", Value(Value::Array{Value(".")})}})}}), (std::vector<std::string>{"."}));
}

TEST(FewShot, NeedsASeedWhereItsAnswersAreDrawn) {
  const Value draws = options({{"do_sample", Value(true)}});
  EXPECT_TRUE(few_shot({{"shots", Value(0)}, {"generation", draws}})->needs().seed);
  EXPECT_FALSE(few_shot({{"shots", Value(0)}, {"generation", draws}, {"answer", Value("choice")}})->needs().seed);
}

TEST(FewShot, TellsWhatIsWrongWithItsExamples) {
  EXPECT_NE(testing::message_of([] { few_shot({{"shots", Value(2)}, {"examples", Value(Value::Array{Value("train-3")})}}); }).find("examples names 1 rows"), std::string::npos);
  EXPECT_NE(testing::message_of([] { shown({{"shots", Value(1)}, {"examples", Value(Value::Array{Value("test-0")})}}); }).find("\"test-0\", which is no row of the train split"),
            std::string::npos);
}

TEST(FewShot, RefusesASavedFileThatIsDamaged) {
  const testing::TemporaryFolder folder;
  const auto strategy = few_shot({});
  EXPECT_NE(testing::message_of([&] { strategy->load(folder.path()); }).find("cannot be read"), std::string::npos);
  for (const char* text : {"{}", "[1]", "{\"seed\": \"x\", \"shots\": []}", "{\"seed\": 1, \"shots\": []}", "{\"seed\": \"1\", \"shots\": [1]}",
                           "{\"seed\": \"1\", \"shots\": [{\"id\": 1, \"input\": \"\", \"answer\": \"\"}]}", "{\"seed\": \"1\""}) {
    folder.write("few_shot.json", text);
    EXPECT_NE(testing::message_of([&] { strategy->load(folder.path()); }).find("few_shot.json"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace temper
