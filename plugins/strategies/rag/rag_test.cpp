// The plugin rag: the contract of strategies, the prompt that it makes, and what it keeps.
#include <temper/testing/strategy.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/strategy_stage.h"
#include "registry/registry.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

using ::testing::HasSubstr;

TEST(Rag, KeepsTheStrategyContract) {
  testing::check_strategy_with_corpus("rag", [](const std::filesystem::path& corpus) { return Value(Value::Table{{"corpus", Value(corpus.string())}}); });
}
TEST(Rag, KeepsItWithOtherOptions) {
  testing::check_strategy_with_corpus("rag", [](const std::filesystem::path& corpus) {
    return Value(Value::Table{{"corpus", Value(corpus.string())}, {"k", Value(1)}, {"answer", Value("choice")}, {"query", Value("apple {text}")}, {"heading", Value("Known:\n")}, {"passage", Value("{id}: {text}\n")}});
  });
}

class RagPrompt : public ::testing::Test {
 protected:
  RagPrompt() {
    corpus_ = folder_.write("corpus.jsonl", "{\"id\": \"rain\", \"text\": \"Rain fell.\"}\n{\"id\": \"none\", \"text\": \"\"}\n{\"id\": \"both\", \"text\": \"Rain, and a river of rain.\"}\n");
  }
  std::unique_ptr<Strategy> make(Value::Table options = {}) const {
    options.emplace_back("corpus", Value(corpus_.string()));
    return registry::installed().create<Strategy>("rag", Value(std::move(options)));
  }
  std::vector<Prompt> prompts(Value::Table options, const std::string& text) {
    const auto rag = make(std::move(options));
    rag->adapt(stage_);
    return rag->prepare(stage_, item(text));
  }
  static std::vector<Item> item(const std::string& text) {
    std::vector<Item> items{{"i", {}}};
    items[0].fields.set("text", text);
    items[0].fields.set("topic", std::string("river"));
    return items;
  }
  testing::TemporaryFolder folder_;
  std::filesystem::path corpus_;
  testing::Stage stage_{{}};
};

TEST_F(RagPrompt, PutsTheBestPassageFirstAndGivesUpTheLast) {
  const auto made = prompts({{"heading", Value("Notes: ")}}, "river rain");
  ASSERT_EQ(made.size(), 1u);
  ASSERT_EQ(made[0].blocks.size(), 2u);
  EXPECT_EQ(made[0].blocks[0].id, "both");
  EXPECT_EQ(made[0].blocks[0].text, "Notes: Rain, and a river of rain.\n\n");
  EXPECT_EQ(made[0].blocks[1].text, "Rain fell.\n\n");
  EXPECT_EQ(made[0].leave_out, Prompt::LeaveOut::kLast);
}
TEST_F(RagPrompt, HasNoBlocksWhereNothingIsFound) {
  EXPECT_TRUE(prompts({}, "zebra")[0].blocks.empty());
  EXPECT_TRUE(prompts({}, "")[0].blocks.empty());
  EXPECT_TRUE(prompts({{"k", Value(0)}}, "rain")[0].blocks.empty());
}
TEST_F(RagPrompt, SearchesForWhatTheTemplateSays) {
  EXPECT_EQ(prompts({{"query", Value("{topic}")}}, "fell")[0].blocks.at(0).id, "both");
}
TEST_F(RagPrompt, WritesWhereTheTaskAsksForATextAndReadsASeedWhereItDraws) {
  const auto generation = [](Value::Table table) { return Value(std::move(table)); };
  EXPECT_EQ(make()->cannot(Task::kGeneration), "");
  EXPECT_NE(make({{"answer", Value("head")}})->cannot(Task::kGeneration), "");
  EXPECT_NE(make()->cannot(Task::kRegression), "");
  EXPECT_FALSE(make({{"generation", generation({{"max_new_tokens", Value(3)}})}})->needs().seed);
  EXPECT_TRUE(make({{"generation", generation({{"do_sample", Value(true)}})}})->needs().seed);
  EXPECT_FALSE(make({{"answer", Value("choice")}, {"generation", generation({{"do_sample", Value(true)}})}})->needs().seed);
  EXPECT_EQ(make({{"generation", generation({{"max_new_tokens", Value(3)}})}})->answer_options().generation.max_new_tokens, 3);
}
TEST_F(RagPrompt, TellsWhatIsWrong) {
  EXPECT_THAT(testing::message_of([&] { make({{"passage", Value("{title}")}}); }), HasSubstr("passage names {title}, a passage has {text} and {id}"));
  EXPECT_THAT(testing::message_of([&] { prompts({{"query", Value("{title}")}}, "x"); }), HasSubstr("title"));
  std::filesystem::remove(corpus_);
  EXPECT_THAT(testing::message_of([&] { prompts({}, "x"); }), HasSubstr("corpus.jsonl"));
}
TEST_F(RagPrompt, RefusesAnIndexOfOtherPassages) {
  const auto rag = make();
  rag->adapt(stage_);
  const auto saved = folder_ / "saved";
  std::filesystem::create_directory(saved);
  rag->save(saved);
  folder_.write("saved/passages.jsonl", "{\"id\": \"rain\", \"text\": \"Rain fell.\"}\n");
  EXPECT_THAT(testing::message_of([&] { make()->load(saved); }), HasSubstr("is an index of 3 passages, passages.jsonl beside it has 1"));
  std::filesystem::remove(saved / "passages.jsonl");
  EXPECT_THAT(testing::message_of([&] { make()->load(saved); }), HasSubstr("passages.jsonl"));
}

}  // namespace
}  // namespace temper
