// Texts as answers: from a TOML file and from a model's folder, written by `temper run` and `temper predict` as a user calls them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include <temper/value.h>

#include "data/atomic_file.h"
#include "launch/study_folder.h"
#include "record/study_file.h"
#include "record/trial_record.h"
#include "support/run_program.h"
#include "support/shared.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

std::vector<Value> lines_of(const std::string& text) {
  std::vector<Value> lines;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) lines.push_back(parse_json(text.substr(begin, end - begin)));
  return lines;
}

std::string text_of(const Value& line) { return line.find("text")->as_string(); }

class GenerationStudy : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder.path() / "tokenizer");
    folder.write("tokenizer/tokenizer.json", byte_bpe_json({{"t", "h"}, {"i", "n"}, {" ", "f"}, {"th", "e"}, {" f", "in"}}).dump());
    folder.write("train.jsonl", rows("train-", {{"two and two", "four"}, {"one and two", "three"}, {"no and no", "nothing"}, {"two and six", "eight"}}));
    folder.write("validation.jsonl", rows("v-", {{"one and one", "two"}, {"six and one", "seven"}}));
    folder.write("test.jsonl", rows("test-", {{"one and six", "seven"}, {"two and one", "three"}, {"the end", "the end"}}));
    folder.write("docs.jsonl", "{\"id\": \"sums\", \"text\": \"one and one is two\"}\n{\"id\": \"ends\", \"text\": \"the end is near\"}\n");
    folder.write("ask.jsonl", rows("test-", {{"one and six", ""}, {"two and one", ""}, {"the end", ""}}));
  }

  static std::string rows(const std::string& prefix, const std::vector<std::pair<std::string, std::string>>& texts) {
    std::string lines;
    for (std::size_t i = 0; i < texts.size(); ++i) lines += Json({{"id", prefix + std::to_string(i)}, {"text", texts[i].first}, {"label", texts[i].second}}).dump() + '\n';
    return lines;
  }

  std::string experiment(const std::string& name, const std::string& strategy, const std::string& task = "generation", const std::string& metrics = "[\"perplexity\"]") const {
    return "name = \"" + name + "\"\ntask = \"" + task + "\"\nmetrics = " + metrics + R"(
threads = 1
seeds = [1, 2]
[dataset]
plugin = "jsonl"
train = "train.jsonl"
validation = "validation.jsonl"
test = "test.jsonl"
id = "id"
[prompt]
input = "Q: {text}\nA:"
[model]
plugin = "gpt2"
tokenizer = "tokenizer"
config = { vocab_size = 262, n_positions = 96, n_embd = 32, n_layer = 2, n_head = 2 }
[[strategy]]
)" + strategy + "\n";
  }

  std::vector<record::TrialRecord> run(const std::string& name, const std::string& toml) {
    folder.write(name + ".toml", toml);
    const ProgramResult result = run_temper("run " + name + ".toml", folder.path());
    EXPECT_EQ(result.status, 0) << result.all();
    std::vector<record::TrialRecord> trials;
    for (const auto& trial : record::read_summary(folder / ("results/" + name + "/study.h5")).trials) {
      EXPECT_EQ(trial.status, "complete") << trial.error;
      trials.push_back(record::read_trial(launch::trial_folder(folder / ("results/" + name), trial.number) / "trial.h5"));
    }
    return trials;
  }

  static double metric(const record::TrialRecord& trial, const std::string& name) {
    for (const auto& metric : trial.test->metrics) {
      if (metric.name == name) return metric.value;
    }
    ADD_FAILURE() << "there is no " << name;
    return 0;
  }

  // The answers of `temper predict`, the data being gone.
  std::vector<Value> predicted(const std::string& name, int trial) {
    for (const char* file : {"train.jsonl", "test.jsonl", "validation.jsonl", "docs.jsonl"}) fs::remove(folder / file);
    const ProgramResult result = run_temper("predict results/" + name + " --trial " + std::to_string(trial) + " --input ask.jsonl", folder.path());
    EXPECT_EQ(result.status, 0) << result.all();
    return lines_of(result.out);
  }

  void expect_recorded(const record::TrialRecord& trial, const std::vector<Value>& answers) {
    ASSERT_EQ(answers.size(), trial.test->predictions.id.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto& ids = trial.test->predictions.id;
      const std::size_t row = static_cast<std::size_t>(std::find(ids.begin(), ids.end(), answers[i].find("id")->as_string()) - ids.begin());
      ASSERT_LT(row, ids.size());
      EXPECT_EQ(text_of(answers[i]), trial.test->predictions.prediction[row]) << ids[row];
    }
  }

  TemporaryFolder folder;
};

TEST_F(GenerationStudy, FewShotWritesAndPredictsWhatItRecorded) {
  const auto trials = run("shots", experiment("shots", "plugin = \"few_shot\"\nshots = [0, 2]\ngeneration = { max_new_tokens = 12 }"));
  ASSERT_EQ(trials.size(), 3u);  // without examples nothing is drawn
  for (const record::TrialRecord& trial : trials) {
    EXPECT_TRUE(std::isfinite(trial.objective)) << trial.objective;  // of the references' likelihood
    EXPECT_GT(metric(trial, "perplexity"), 1);
    EXPECT_EQ(trial.test->predictions.prediction.size(), 3u);
  }
  EXPECT_EQ(trials[1].test->predictions.used_ids.at(0).size(), 2u);
  const record::WrittenAnswers& written = trials[1].test->predictions.written;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_GT(written.prompt_tokens.at(i), trials[0].test->predictions.written.prompt_tokens.at(i));
    EXPECT_LE(written.tokens.at(i), 12);
  }
  EXPECT_NE(trials[1].objective, trials[2].objective);
  int kept = 0;  // of the strategy's trials the best one's
  for (int number = 1; number <= 3; ++number) {
    if (fs::exists(folder / ("results/shots/trials/000" + std::to_string(number) + "/checkpoint"))) kept = number;
  }
  ASSERT_GT(kept, 0);
  expect_recorded(trials[static_cast<std::size_t>(kept) - 1], predicted("shots", kept));
}

TEST_F(GenerationStudy, SamplesBySeedAndItem) {
  const std::string strategy = "plugin = \"few_shot\"\nshots = 0\ngeneration = { max_new_tokens = 12, do_sample = true }";
  const auto trials = run("samples", experiment("samples", strategy)), again = run("again", experiment("again", strategy + "\nshare_prefixes = false"));
  ASSERT_EQ(trials.size(), 2u);  // drawing needs the seed
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(trials[i].test->predictions.prediction, again[i].test->predictions.prediction);
  EXPECT_NE(trials[0].test->predictions.prediction, trials[1].test->predictions.prediction);
  const std::vector<Value> answers = predicted("samples", 2);
  expect_recorded(trials[1], answers);
  EXPECT_EQ(answers.at(0).find("tokens")->as_integer(), static_cast<std::int64_t>(answers.at(0).find("ids")->as_array().size()));
  EXPECT_TRUE(answers.at(0).find("finish")->is_string());
}

TEST_F(GenerationStudy, RagWritesBehindPassages) {
  const auto trials = run("rag", experiment("rag", "plugin = \"rag\"\ncorpus = \"docs.jsonl\"\nk = 1\ngeneration = { max_new_tokens = 5 }"));
  ASSERT_EQ(trials.size(), 1u);
  EXPECT_EQ(trials[0].test->predictions.used_ids.at(0).size(), 1u);
  expect_recorded(trials[0], predicted("rag", 1));
}

TEST_F(GenerationStudy, ChoosesALabelByWhatIsWritten) {
  for (const char* split : {"train", "validation", "test"}) folder.write(std::string(split) + ".jsonl", rows(split, {{"two and two", "even"}, {"one and two", "odd"}}));
  const auto trials = run("labels", experiment("labels", "plugin = \"few_shot\"\nshots = 1\nanswer = \"generation\"\ngeneration = { max_new_tokens = 4 }", "classification", "[\"accuracy\", \"cross_entropy\"]"));
  ASSERT_EQ(trials.size(), 2u);
  // Random weights spell no label: that is an answer of its own, and a wrong one.
  for (const std::string& answer : trials[0].test->predictions.prediction) EXPECT_EQ(answer, "");
  EXPECT_EQ(metric(trials[0], "accuracy"), 0);
  EXPECT_TRUE(std::isfinite(metric(trials[0], "cross_entropy")));
  EXPECT_TRUE(std::isfinite(trials[0].objective));
}

TEST_F(GenerationStudy, TellsBeforehandWhatCannotAnswer) {
  folder.write("choice.toml", experiment("choice", "plugin = \"few_shot\"\nanswer = \"choice\""));
  ProgramResult result = run_temper("plan choice.toml", folder.path());
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("a choice needs labels"), std::string::npos) << result.all();
  folder.write("head.toml", experiment("head", "plugin = \"rag\"\ncorpus = \"docs.jsonl\"\nanswer = \"head\""));
  result = run_temper("plan head.toml", folder.path());
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("needs labels"), std::string::npos) << result.all();
}

TEST_F(GenerationStudy, CutsOrRefusesItemsThatAreTooLong) {
  std::string longest = "one";
  for (int i = 0; i < 60; ++i) longest += " and one";
  folder.write("test.jsonl", Json({{"id", "test-0"}, {"text", longest}, {"label", "many"}}).dump() + '\n');
  const auto trials = run("cut", experiment("cut", "plugin = \"few_shot\"\nshots = 0\ngeneration = { max_new_tokens = 8 }"));
  EXPECT_EQ(trials.at(0).test->predictions.prediction.size(), 1u);
  const std::string log = data::read_file(folder / "results/cut/trials/0001/events.jsonl");
  EXPECT_NE(log.find("too long for the model's 96 tokens"), std::string::npos) << log;
  folder.write("refuse.toml", experiment("refuse", "plugin = \"few_shot\"\nshots = 0\ntoo_long = \"error\"\ngeneration = { max_new_tokens = 8 }"));
  const ProgramResult result = run_temper("run refuse.toml", folder.path());
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.all().find("the model reads at most 96"), std::string::npos) << result.all();
}

std::string folder_of(const std::string& name) { return "'" + (*shared_folder() / name).string() + "'"; }

TEST(PredictByGeneration, WritesTheStoryToTheCharacterInEitherPrecision) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const TemporaryFolder folder;
  const Value story = parse_json(data::read_file(*shared / "models/stories260K/greedy_200.json"));
  folder.write("empty.jsonl", "{\"text\": \"\"}\n{\"text\": \"Once upon a time\", \"id\": \"b\"}\n");
  const std::string predict = "predict --model " + folder_of("models/stories260K-hf") + " --input empty.jsonl";
  ProgramResult result = run_temper(predict + " --max-new-tokens 200", folder.path());
  ASSERT_EQ(result.status, 0) << result.all();
  const std::vector<Value> lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 2u);
  const std::string& text = story.find("text")->as_string();
  EXPECT_EQ(text_of(lines[0]), text);
  EXPECT_EQ(lines[0].find("tokens")->as_integer(), 200);
  EXPECT_EQ(lines[0].find("finish")->as_string(), "length");
  EXPECT_EQ("Once upon a time" + text_of(lines[1]).substr(0, 60), text.substr(0, 76));
  EXPECT_EQ(lines[1].find("id")->as_string(), "b");
  EXPECT_TRUE(result.err.empty()) << result.err;  // no progress where nobody looks

  result = run_temper(predict + " --max-new-tokens 30 --dtype bf16 --stop-strings ' there'", folder.path());
  ASSERT_EQ(result.status, 0) << result.all();
  EXPECT_EQ(text_of(lines_of(result.out).at(0)), "Once upon a time,");
  EXPECT_EQ(lines_of(result.out).at(0).find("finish")->as_string(), "stop_string");
  const std::string sampled = predict + " --max-new-tokens 20 --do-sample --temperature 1.5 --seed ";
  const std::string one = run_temper(sampled + "1", folder.path()).out;
  const auto written = [](const std::string& out) {  // likelihoods are sums in another order in another batch
    std::string texts;
    for (const Value& line : lines_of(out)) texts += to_json(*line.find("ids")) + text_of(line) + '\n';
    return texts;
  };
  EXPECT_EQ(written(run_temper(sampled + "1 --batch-size 1", folder.path()).out), written(one));
  EXPECT_NE(written(run_temper(sampled + "2", folder.path()).out), written(one));
}

TEST(PredictByGeneration, TellsWhatItCannotContinue) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const TemporaryFolder folder;
  std::string longest = "{\"text\": \"";
  for (int i = 0; i < 600; ++i) longest += " and";
  folder.write("long.jsonl", "Once upon\n" + longest + "\"}\n");
  folder.write("messages.jsonl", "{\"messages\": [{\"role\": \"user\", \"content\": \"hello\"}]}\n");
  folder.write("ids.jsonl", "{\"input_ids\": [1, 512]}\n");
  const std::string predict = "predict --model " + folder_of("models/stories260K-hf") + " --max-new-tokens 8 --input ";
  ProgramResult result = run_temper(predict + "long.jsonl", folder.path());
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("tokens, the model reads at most 512"), std::string::npos) << result.err;
  result = run_temper(predict + "long.jsonl --truncate left", folder.path());
  EXPECT_EQ(result.status, 0) << result.all();
  EXPECT_EQ(lines_of(result.out).size(), 2u);
  EXPECT_NE(result.err.find("1 of 2 lines were too long"), std::string::npos) << result.err;
  result = run_temper(predict + "messages.jsonl", folder.path());
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("messages.jsonl:1: \"messages\" is a dialogue"), std::string::npos) << result.err;
  result = run_temper(predict + "ids.jsonl", folder.path());
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("vocabulary has 512 tokens"), std::string::npos) << result.err;
  result = run_temper("predict --model " + folder_of("golden/models/bert-seqcls") + " --max-new-tokens 8 --input ids.jsonl", folder.path());
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("writes no text"), std::string::npos) << result.err;
  result = run_temper(predict + "ids.jsonl --temperature 0", folder.path());
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("temperature is 0"), std::string::npos) << result.err;
}

TEST(PredictByGeneration, ContinuesIdsWithoutATokenizerAndThroughAdapters) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const TemporaryFolder folder;
  folder.write("ids.jsonl", "{\"input_ids\": [3, 4, 5]}\n");
  ASSERT_EQ(run_shell("mkfifo pipe && (cat ids.jsonl > pipe &) && '" + temper_program() + "' predict --model " + folder_of("golden/models/gpt2-causal") + " --input pipe | grep -c finish", folder.path()).out, "1\n");
  for (const char* model : {"golden/models/gpt2-causal", "golden/models/lora-gpt2"}) {
    const ProgramResult result = run_temper("predict --model " + folder_of(model) + " --max-new-tokens 6 --input ids.jsonl", folder.path());
    ASSERT_EQ(result.status, 0) << result.all();
    const Value line = lines_of(result.out).at(0);
    EXPECT_GE(line.find("ids")->as_array().size(), 1u);
    EXPECT_EQ(text_of(line), "");
  }
}

}  // namespace
}  // namespace temper::testing
