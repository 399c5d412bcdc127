// SQuAD's JSON: offsets in characters, questions without answers, answers that do not fit, and files of another shape.
#include <gtest/gtest.h>

#include <temper/testing/dataset.h>

#include "support/message_of.h"
#include "support/read_dataset.h"
#include "support/shared.h"
#include "support/temporary_folder.h"

namespace {

using namespace temper;
using namespace temper::testing;
using Texts = std::vector<std::string>;

std::string file_of(const std::string& context, const std::string& questions) {
  return R"({"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": ")" + context + "\", \"qas\": [" + questions + "]}]}]}";
}
std::string question(const std::string& id, const std::string& rest) { return R"({"id": ")" + id + R"(", "question": "why", )" + rest + "}"; }

class SquadDataset : public ::testing::Test {
 protected:
  ReadDataset read(const std::string& contents, bool needs_targets = true) const {
    return read_dataset("squad", Value::Table(), {folder.write("s.json", contents), "train", Task::kQuestionAnswering, needs_targets});
  }
  std::string problem(const std::string& contents) const { return message_of([&] { read(contents); }); }
  TemporaryFolder folder;
};

TEST_F(SquadDataset, KeepsTheDatasetContract) {
  check_dataset("squad", Value::Table(), {folder.write("s.json", file_of("one two", question("a", R"("answers": [{"text": "one", "answer_start": 0}])") + "," + question("b", R"("is_impossible": true, "answers": [])"))),
                                          "train", Task::kQuestionAnswering});
}

TEST_F(SquadDataset, OffsetsOfCharactersBecomeBytes) {
  const ReadDataset rows = read(file_of("caf\xC3\xA9 \xF0\x9F\x98\x80 one", question("a", R"("answers": [{"text": "one", "answer_start": 7}, {"text": "one", "answer_start": 7}, {"text": "caf)" "\xC3\xA9" R"(", "answer_start": 0}])")));
  ASSERT_EQ(rows.bad_rows, Texts());
  const Item item = rows.split->item(0);
  const Targets targets = rows.split->targets(0);
  ASSERT_EQ(targets.size(), 2u);
  const Span span = std::get<Spans>(targets[0]).spans.at(0);
  EXPECT_EQ(item.fields.text("context")->substr(static_cast<std::size_t>(span.begin), static_cast<std::size_t>(span.end - span.begin)), "one");
  EXPECT_EQ(std::get<Spans>(targets[1]).spans.at(0).end, 5);
  EXPECT_EQ(*item.fields.text("question"), "why");
  EXPECT_EQ(*item.fields.text("title"), "T");
  EXPECT_EQ(item.id, "a");
}

TEST_F(SquadDataset, AQuestionWithoutAnswerHasAReferenceWithoutSpans) {
  const ReadDataset rows = read(file_of("one", question("a", R"("is_impossible": true, "plausible_answers": [{"text": "one", "answer_start": 0}], "answers": [])")));
  ASSERT_EQ(rows.split->targets(0).size(), 1u);
  EXPECT_TRUE(std::get<Spans>(rows.split->targets(0)[0]).spans.empty());
}

TEST_F(SquadDataset, ReportsQuestionsThatDoNotFitWithTheirLines) {
  std::string questions = question("a", R"("answers": [{"text": "two", "answer_start": 3}])");
  for (const auto& [id, rest] : std::vector<std::pair<std::string, std::string>>{{"b", R"("answers": [{"text": "three", "answer_start": 0}])"}, {"c", R"("answers": [])"}, {"d", R"("answers": [{"text": "one"}])"}, {"e", R"("answers": [{"text": "one", "answer_start": 0}])"},
                                                                                 {"e", R"("answers": [{"text": "one", "answer_start": 0}])"}})
    questions += ",\n" + question(id, rest);
  const ReadDataset rows = read(file_of("one two", questions));
  EXPECT_EQ(rows.ids(), Texts{"e"});
  EXPECT_EQ(rows.bad_rows, (Texts{"1: question \"a\": answer \"two\" is not at 3 of the context, it stands at 4", "2: question \"b\": answer \"three\" is not at 0 of the context, where \"one t\" stands",
                                  "3: question \"c\": has no answers, and is_impossible does not say so", "4: question \"d\": an answer is no {\"text\", \"answer_start\"}",
                                  "6: question \"e\": its id was given to another one already"}));
  EXPECT_EQ(read(file_of("one", question("a", R"("x": 1)")), false).targets(), Texts{"(none)"});
}

TEST_F(SquadDataset, TellsWhatIsWrongWithAWholeFile) {
  EXPECT_NE(problem("{\"data\": [\n{\"paragraphs\": [{\"qas\": []}]}]}").find("s.json:2:17: there is no text \"context\" here"), std::string::npos) << problem("{\"data\": [\n{\"paragraphs\": [{\"qas\": []}]}]}");
  EXPECT_NE(problem("[]").find("there is no array \"data\" here"), std::string::npos);
  EXPECT_NE(problem("{\"data\": [").find("s.json:1:"), std::string::npos);
  EXPECT_NE(problem(std::string(100'000, '[')).find("levels of nesting"), std::string::npos);
  EXPECT_NE(problem("{\"data\": [{\"paragraphs\": [{\"context\": \"a\\u0000\", \"qas\": []}]}]}").find("holds a NUL"), std::string::npos);
}

TEST_F(SquadDataset, SurvivesEveryCut) {
  const std::string whole = file_of("one two", question("a", R"("answers": [{"text": "two", "answer_start": 4}])"));
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_NE(problem(whole.substr(0, size)), "");
}

TEST_F(SquadDataset, ReadsTheDevelopmentSet) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const ReadDataset rows = read_dataset("squad", Value::Table(), {*shared / "data/squad/dev.json", "validation", Task::kQuestionAnswering});
  EXPECT_EQ(rows.split->size(), 10570u);
  EXPECT_EQ(rows.bad_rows, Texts());
  EXPECT_EQ(rows.targets()[0].substr(0, 12), "[{\"begin\": 2");
}

}  // namespace
