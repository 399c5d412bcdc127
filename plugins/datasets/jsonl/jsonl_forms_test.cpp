// Every task and every form of its rows, in JSON lines; what is particular to CSV stands in csv_forms_test.cpp.
#include <gtest/gtest.h>

#include <temper/testing/dataset.h>

#include "support/message_of.h"
#include "support/read_dataset.h"
#include "support/temporary_folder.h"

namespace {

using namespace temper;
using namespace temper::testing;
using Texts = std::vector<std::string>;

class JsonlForms : public ::testing::Test {
 protected:
  Source source(const std::string& contents, Task task, bool needs_targets = true) const { return {folder.write("rows.jsonl", contents), "train", task, needs_targets}; }
  ReadDataset read(const std::string& contents, Task task, const Value& options = Value::Table(), bool needs_targets = true) const {
    return read_dataset("jsonl", options, source(contents, task, needs_targets));
  }
  Texts tokens(const Split& split, std::size_t row) const { return std::get<Texts>(*split.item(row).fields.find("tokens")); }
  TemporaryFolder folder;
};

TEST_F(JsonlForms, KeepTheDatasetContract) {
  check_dataset("jsonl", Value::Table(), source("{\"text\": \"a\", \"labels\": [\"x\", \"y\"]}\n{\"text\": \"b\", \"labels\": []}\n", Task::kMultiLabel));
  check_dataset("jsonl", Value::Table(), source("{\"text_a\": \"a\", \"text_b\": \"b\", \"score\": 1.5}\n{\"text_a\": \"c\", \"text_b\": \"d\", \"score\": 2}\n", Task::kRegression));
  check_dataset("jsonl", Value::Table(), source("{\"tokens\": [\"a\", \"b\"], \"tags\": [\"O\", \"B-x\"]}\n{\"tokens\": [\"c\"], \"tags\": [\"O\"]}\n", Task::kTokenClassification));
  check_dataset("jsonl", Value::Table(), source("{\"text\": \"a b\", \"spans\": [{\"start\": 2, \"end\": 3, \"label\": \"x\"}]}\n{\"text\": \"c\", \"spans\": []}\n", Task::kTokenClassification));
  check_dataset("jsonl", Value::Table(), source("{\"question\": \"q\", \"context\": \"a b\", \"answers\": {\"text\": [\"b\"], \"answer_start\": [2]}}\n{\"question\": \"q\", \"context\": \"c\", \"answers\": null}\n", Task::kQuestionAnswering));
  check_dataset("jsonl", Value::Table(), source("{\"messages\": [{\"role\": \"user\", \"content\": \"q\"}, {\"role\": \"assistant\", \"content\": \"a\"}]}\n", Task::kGeneration));
  check_dataset("jsonl", Value::Table(), source("{\"instruction\": \"q\", \"input\": \"\", \"output\": \"a\", \"text\": \"q a\"}\n{\"instruction\": \"q\", \"output\": \"b\", \"text\": \"q b\"}\n", Task::kGeneration));
  check_dataset("jsonl", Value::Table(), source("{\"text\": \"a\"}\n{\"text\": \"b\"}\n", Task::kLanguageModeling));
}

TEST_F(JsonlForms, SeveralLabelsAreAnArrayOrOneTextWithSeparators) {
  const ReadDataset rows = read(R"({"text": "a", "label": ["x", "y"]}
{"text": "b", "label": "x , z"}
{"text": "c", "label": []}
{"text": "d", "label": null}
{"text": "e", "label": ["x", "x"]}
{"text": "f", "label": [{}]}
{"text": "g"}
)", Task::kMultiLabel);
  EXPECT_EQ(rows.targets(), (Texts{R"(["x", "y"])", R"(["x", "z"])", "[]", "[]"}));
  EXPECT_EQ(rows.bad_rows, (Texts{"5: member \"label\" holds the label \"x\" twice", "6: member \"label\" holds a table at place 1, expected texts", "7: has no member \"label\" for the label"}));
}

TEST_F(JsonlForms, PairsAreFoundByTheirUsualNamesOrByOptions) {
  const ReadDataset usual = read("{\"premise\": \"a\", \"hypothesis\": \"b\", \"label\": \"yes\"}\n", Task::kClassification);
  EXPECT_EQ(usual.texts(), Texts{"a"});
  EXPECT_EQ(usual.texts("text_pair"), Texts{"b"});
  EXPECT_EQ(usual.texts("premise"), Texts{"a"});
  EXPECT_EQ(usual.notes, Texts{"read in the form pair: text \"premise\", text_pair \"hypothesis\", label"});
  const ReadDataset named = read("{\"one\": \"a\", \"two\": \"b\", \"y\": 3}\n", Task::kRegression, Value::Table{{"text", "one"}, {"text_pair", "two"}, {"label", "y"}});
  EXPECT_EQ(named.texts("text_pair"), Texts{"b"});
  EXPECT_EQ(named.targets(), Texts{"3"});
  EXPECT_EQ(named.notes, Texts());
  const ReadDataset single = read("{\"premise\": \"a\", \"hypothesis\": \"b\", \"label\": \"yes\"}\n", Task::kClassification, Value::Table{{"form", "text"}, {"text", "premise"}});
  EXPECT_EQ(single.texts("text_pair"), Texts{"(none)"});
}

TEST_F(JsonlForms, TokensHaveATagEach) {
  const ReadDataset rows = read(R"({"tokens": ["New", "York", "is"], "ner_tags": ["B-loc", "I-loc", "O"]}
{"tokens": ["a", "b"], "ner_tags": ["O"]}
{"tokens": [], "ner_tags": []}
{"tokens": ["a", ""], "ner_tags": ["O", "O"]}
{"tokens": ["a"], "ner_tags": [["O"]]}
{"words": ["a"], "ner_tags": ["O"]}
)", Task::kTokenClassification);
  EXPECT_EQ(tokens(*rows.split, 0), (Texts{"New", "York", "is"}));
  EXPECT_EQ(rows.targets(), Texts{R"(["B-loc", "I-loc", "O"])"});
  EXPECT_EQ(rows.bad_rows, (Texts{"2: has 2 tokens and 1 tags", "3: member \"tokens\" holds no tokens", "4: member \"tokens\" holds an empty text at place 2, expected texts",
                                  "5: member \"ner_tags\" holds an array at place 1, expected texts", "6: has no member \"tokens\" for the tokens"}));
  EXPECT_EQ(rows.split->item(0).fields.find("ner_tags"), nullptr);
}

TEST_F(JsonlForms, TagsMayBeNumbersAndIob1) {
  const Value names = Value::Table{{"tag_names", Value::Array{"O", "B-x", "I-x"}}};
  const ReadDataset rows = read("{\"tokens\": [\"a\", \"b\", \"c\"], \"tags\": [2, 2, 0]}\n{\"tokens\": [\"a\"], \"tags\": [3]}\n", Task::kTokenClassification, names);
  EXPECT_EQ(rows.targets(), Texts{R"(["B-x", "I-x", "O"])"});
  EXPECT_EQ(rows.notes, Texts{"1 tag I- that begin an entity were read as B- (IOB1 to IOB2)"});
  EXPECT_EQ(rows.bad_rows, Texts{"2: member \"tags\" holds \"3\", expected a number below 3, of dataset.tag_names"});
}

TEST_F(JsonlForms, SpansCountCharactersAndCutNoWord) {
  const ReadDataset rows = read("{\"text\": \"caf\xC3\xA9 in New York.\", \"entities\": [{\"start\": 8, \"end\": 16, \"label\": \"loc\"}, [0, 4, \"org\"]]}\n"
                                "{\"text\": \"New York\", \"entities\": [[0, 2, \"loc\"]]}\n"
                                "{\"text\": \"New York\", \"entities\": [[0, 8, \"loc\"], [4, 8, \"loc\"]]}\n"
                                "{\"text\": \"New York\", \"entities\": [[4, 9, \"loc\"]]}\n"
                                "{\"text\": \"New York\", \"entities\": [[4, 4, \"loc\"]]}\n"
                                "{\"text\": \"New York\", \"entities\": [[4]]}\n", Task::kTokenClassification);
  EXPECT_EQ(tokens(*rows.split, 0), (Texts{"caf\xC3\xA9", "in", "New", "York", "."}));
  EXPECT_EQ(rows.targets(), Texts{R"(["B-org", "O", "B-loc", "I-loc", "O"])"});
  EXPECT_EQ(rows.bad_rows, (Texts{"2: member \"entities\" span \"Ne\" begins or ends inside the word \"New\"", "3: member \"entities\" span \"York\" overlaps the one before it",
                                  "4: member \"entities\" has a span at 9, outside of the text", "5: member \"entities\" has a span that is empty or outside of the text",
                                  "6: member \"entities\" holds [4], expected {\"start\", \"end\", \"label\"} or [start, end, label]"}));
  EXPECT_EQ(rows.split->item(0).fields.find("entities"), nullptr);
}

TEST_F(JsonlForms, AnswersAreSpansInBytesOfTheirContext) {
  const ReadDataset rows = read("{\"question\": \"q\", \"context\": \"caf\xC3\xA9 one caf\xC3\xA9\", \"answers\": {\"text\": [\"caf\xC3\xA9\", \"one\", \"caf\xC3\xA9\"], \"answer_start\": [9, 5, 9]}}\n"
                                "{\"question\": \"q\", \"context\": \"caf\xC3\xA9 one\", \"answers\": [{\"text\": \"one\", \"answer_start\": 5}]}\n"
                                "{\"question\": \"q\", \"context\": \"caf\xC3\xA9 one\", \"answers\": \"one\"}\n"
                                "{\"question\": \"q\", \"context\": \"caf\xC3\xA9 one\", \"answers\": \"one\", \"answer_start\": 5}\n"
                                "{\"question\": \"q\", \"context\": \"caf\xC3\xA9 one\", \"answers\": []}\n", Task::kQuestionAnswering);
  EXPECT_EQ(rows.bad_rows, Texts());
  const Targets first = rows.split->targets(0);
  ASSERT_EQ(first.size(), 2u);  // the third is the first again
  EXPECT_EQ(to_string(first[0]), "[{\"begin\": 10, \"end\": 15, \"text\": \"caf\xC3\xA9\"}]");
  EXPECT_EQ(to_string(first[1]), R"([{"begin": 6, "end": 9, "text": "one"}])");
  for (const std::size_t row : {1, 2, 3}) EXPECT_EQ(rows.targets()[row], R"([{"begin": 6, "end": 9, "text": "one"}])");
  EXPECT_EQ(rows.targets()[4], "[]");
  EXPECT_EQ(rows.split->item(3).fields.find("answer_start"), nullptr);
}

TEST_F(JsonlForms, AnAnswerThatIsNotInItsContextIsABadRow) {
  const ReadDataset rows = read(R"({"question": "q", "context": "one two", "answers": "three"}
{"question": "q", "context": "one two", "answers": {"text": "two", "answer_start": 3}}
{"question": "q", "context": "one two", "answers": {"text": "three", "answer_start": 0}}
{"question": "q", "context": "one two", "answers": {"text": ["two"], "answer_start": []}}
{"question": "q", "context": "one two", "answers": {"text": "two", "answer_start": -1}}
{"question": "q", "context": "one two", "answers": {"text": "two", "answer_start": 99999999999}}
{"question": "q", "context": "one two", "answers": 3}
{"question": "q", "answers": "two"}
)", Task::kQuestionAnswering);
  EXPECT_EQ(rows.bad_rows, (Texts{"1: answer \"three\" is not in the context", "2: answer \"two\" is not at 3 of the context, it stands at 4",
                                  "3: answer \"three\" is not at 0 of the context, where \"one t\" stands", "4: member \"answers\" has 1 texts and not as many answer_start",
                                  "5: answer \"two\" is not at -1 of the context, it stands at 4", "6: answer \"two\" is not at 99999999999 of the context, it stands at 4",
                                  "7: member \"answers\" is a number, expected a text, {\"text\", \"answer_start\"} or an array of them", "8: has no member \"context\" for the context"}));
}

TEST_F(JsonlForms, TheLastMessageOfTheAssistantIsTheAnswer) {
  const ReadDataset rows = read(R"({"messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "why"}, {"role": "assistant", "content": "so"}], "topic": "t"}
{"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]}
{"messages": [{"role": "user", "content": "why"}]}
{"messages": [{"role": "assistant", "content": "so"}]}
{"messages": [{"role": "user", "content": "why"}, {"role": "assistant", "content": ""}]}
{"messages": [{"role": "tool", "content": "why"}]}
{"messages": [{"role": "user", "content": 3}]}
{"messages": []}
{"messages": "why"}
)", Task::kGeneration);
  EXPECT_EQ(rows.targets(), (Texts{"so", "d"}));
  const Item first = rows.split->item(0), second = rows.split->item(1);
  const auto& messages = std::get<std::vector<Message>>(*first.fields.find("messages"));
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[1].role, "user");
  EXPECT_EQ(messages[1].content, "why");
  EXPECT_EQ(*first.fields.text("text"), "be brief\n\nwhy");
  EXPECT_EQ(*first.fields.text("topic"), "t");
  EXPECT_EQ(std::get<std::vector<Message>>(*second.fields.find("messages")).size(), 3u);
  EXPECT_EQ(rows.notes, Texts{"read in the form messages: messages"});
  const std::string of = "member \"messages\" ";
  EXPECT_EQ(rows.bad_rows, (Texts{"3: " + of + "ends with no message of the assistant, which would be the answer", "4: " + of + "holds an answer and no message before it",
                                  "5: " + of + "ends with an empty message of the assistant", "6: " + of + "message 1 is of the role \"tool\", expected system, user or assistant",
                                  "7: " + of + "message 1 has a content that is no text", "8: " + of + "holds no message", "9: " + of + "is no array of messages"}));
  EXPECT_EQ(read("{\"messages\": [{\"role\": \"user\", \"content\": \"why\"}]}", Task::kGeneration, Value::Table(), false).targets(), Texts{"(none)"});
}

TEST_F(JsonlForms, ChatsOfShareGptAreReadToo) {
  const ReadDataset rows = read(R"({"conversations": [{"from": "human", "value": "why"}, {"from": "gpt", "value": "so"}]})", Task::kGeneration);
  EXPECT_EQ(rows.targets(), Texts{"so"});
  EXPECT_EQ(rows.texts(), Texts{"why"});
}

TEST_F(JsonlForms, AlpacaPutsTheInputBehindTheInstruction) {
  const ReadDataset rows = read(R"({"instruction": "add", "input": "1 and 2", "output": "3", "text": "add 1 and 2: 3"}
{"instruction": "laugh", "input": "", "output": "ha"}
{"instruction": "laugh", "output": ""}
)", Task::kGeneration);
  EXPECT_EQ(rows.texts(), (Texts{"add\n\n1 and 2", "laugh"}));
  EXPECT_EQ(rows.texts("input"), (Texts{"1 and 2", ""}));
  EXPECT_EQ(rows.texts("output"), (Texts{"(none)", "(none)"}));
  EXPECT_EQ(rows.targets(), (Texts{"3", "ha"}));
  EXPECT_EQ(rows.notes, Texts{"read in the form alpaca: instruction, output"});
  EXPECT_EQ(rows.bad_rows, Texts{"3: member \"output\" is empty, expected a text"});
}

TEST_F(JsonlForms, LanguageModellingReadsTheTextAlone) {
  const ReadDataset rows = read("{\"content\": \"a\", \"url\": \"u\"}\n{\"content\": \"\"}\n", Task::kLanguageModeling);
  EXPECT_EQ(rows.texts(), (Texts{"a", ""}));
  EXPECT_EQ(rows.targets(), (Texts{"(none)", "(none)"}));
  EXPECT_EQ(rows.notes, (Texts{"read in the form text: text \"content\"", "1 empty text"}));
}

TEST_F(JsonlForms, AFormThatIsUnknownOrOfAnotherTaskIsAnError) {
  EXPECT_EQ(message_of([&] { read("{\"text\": \"a\", \"label\": \"b\"}", Task::kClassification, Value::Table{{"form", "alpaca"}}); }),
            "dataset.form is \"alpaca\", which is no form of the task classification\n    its forms: text, pair");
  EXPECT_NE(message_of([&] { read("{}", Task::kGeneration, Value::Table{{"form", "mesages"}}); }).find("did you mean \"messages\"?"), std::string::npos);
}

TEST_F(JsonlForms, ARowOfOtherColumnsIsABadRow) {
  const ReadDataset rows = read("{\"prompt\": \"a\", \"completion\": \"b\"}\n{\"instruction\": \"a\", \"output\": \"b\"}\n", Task::kGeneration);
  EXPECT_EQ(rows.bad_rows, Texts{"2: has no member \"prompt\" for the text"});
}

// 100 MB in one line: told, not read.
TEST_F(JsonlForms, ALineOfHundredMegabytesIsABadRow) {
  const auto file = folder / "long.jsonl";
  {
    std::ofstream out(file, std::ios::binary);
    const std::string piece(1 << 20, 'x');
    out << "{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": \"";
    for (int i = 0; i < 100; ++i) out << piece;
    out << "\", \"label\": \"x\"}\n{\"text\": \"b\", \"label\": \"x\"}\n";
  }
  const ReadDataset rows = read_dataset("jsonl", Value::Table(), {file, "train", Task::kClassification});
  EXPECT_EQ(rows.bad_rows, Texts{"2: is 104857626 bytes long, a row may take 67108864"});
  EXPECT_EQ(rows.texts(), (Texts{"a", "b"}));
}

TEST_F(JsonlForms, ANulInsideOfAnArrayIsToldAndItsSpellingIsNot) {
  const ReadDataset rows = read("{\"text\": \"a\", \"label\": \"x\", \"list\": [1, \"\\u0000\"]}\n{\"text\": \"b\", \"label\": \"x\", \"list\": [1, \"\\\\u0000\"]}\n", Task::kClassification);
  EXPECT_EQ(rows.bad_rows, Texts{"1: member \"list\" holds a NUL"});
  EXPECT_EQ(rows.texts(), Texts{"b"});
}

TEST_F(JsonlForms, AMemberThatNestsTooDeepIsABadRow) {
  const std::string deep = std::string(300, '[') + std::string(300, ']');
  const ReadDataset rows = read("{\"text\": \"a\", \"label\": " + deep + "}\n", Task::kMultiLabel);
  ASSERT_EQ(rows.bad_rows.size(), 1u);
  EXPECT_NE(rows.bad_rows[0].find("more than 200 levels of nesting"), std::string::npos) << rows.bad_rows[0];
}

// No input may crash or hang, whatever the task: every cut of a row of each form, and every byte changed to special ones.
TEST_F(JsonlForms, SurviveEveryCutAndChange) {
  const std::vector<std::pair<Task, std::string>> forms = {
      {Task::kMultiLabel, R"({"text": "a", "label": ["x", "y, z"]})"},
      {Task::kTokenClassification, R"({"tokens": ["a", "b"], "tags": ["O", "I-x"]})"},
      {Task::kTokenClassification, "{\"text\": \"caf\xC3\xA9 b\", \"spans\": [{\"start\": 0, \"end\": 4, \"label\": \"x\"}, [5, 6, \"y\"]]}"},
      {Task::kQuestionAnswering, "{\"question\": \"q\", \"context\": \"caf\xC3\xA9 b\", \"answers\": {\"text\": [\"b\"], \"answer_start\": [5]}}"},
      {Task::kQuestionAnswering, R"({"question": "q", "context": "a b", "answers": "b", "answer_start": 2})"},
      {Task::kGeneration, R"({"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]})"},
      {Task::kGeneration, R"({"instruction": "q", "input": "i", "output": ["a", "b"]})"}};
  for (const auto& [task, whole] : forms) {
    for (const bool needs_targets : {true, false}) {
      const auto survives = [&, task = task, needs_targets](const std::string& contents) {
        const ReadDataset rows = read(contents, task, Value::Table(), needs_targets);
        EXPECT_EQ(rows.ids().size(), rows.targets().size());
      };
      for (std::size_t at = 0; at < whole.size(); ++at) {
        survives(whole.substr(0, at));
        for (const char byte : {'"', '[', '}', '9', '-', '\xC3'}) {
          std::string changed = whole;
          changed[at] = byte;
          survives(changed);
        }
      }
    }
  }
}

}  // namespace
