// rag and the cheap baselines from a TOML file to answers: trials, what they record, and the same answers from a checkpoint without the data.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <sstream>

#include "launch/study_folder.h"
#include "record/study_file.h"
#include "record/trial_record.h"
#include "support/run_program.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

class RetrievalStudy : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder.path() / "tokenizer");
    folder.write("tokenizer/tokenizer.json", byte_bpe_json({{"t", "h"}, {"i", "n"}, {" ", "f"}, {"th", "e"}, {" f", "in"}}).dump());
    std::string train;
    for (const auto& [text, label] : std::vector<std::pair<std::string, std::string>>{{"a fine day", "good"}, {"thin soup", "bad"}, {"a fine thing", "good"}, {"thin air", "bad"},
                                                                                      {"the finest of days", "good"}, {"thin and poor", "bad"}}) {
      train += Json({{"id", "train-" + std::to_string(train.size())}, {"text", text}, {"label", label}}).dump() + '\n';
    }
    folder.write("train.jsonl", train);
    std::string test, ask;
    for (const auto& [text, label] : std::vector<std::pair<std::string, std::string>>{{"fine soup", "good"}, {"thin days", "bad"}, {"", "bad"}, {"zebra", "good"}}) {
      test += Json({{"id", "test-" + std::to_string(std::count(test.begin(), test.end(), '\n'))}, {"text", text}, {"label", label}}).dump() + '\n';
      ask += Json({{"text", text}}).dump() + '\n';
    }
    folder.write("test.jsonl", test);
    folder.write("ask.jsonl", ask);
    folder.write("docs.jsonl", "{\"id\": \"weather\", \"text\": \"thin air and fine days\"}\n{\"id\": \"empty\", \"text\": \"\"}\n{\"id\": \"food\", \"text\": \"soup is food\"}\n");
  }

  std::string experiment(const std::string& name, const std::string& strategies, const std::string& model = "gpt2") const {
    const std::string gpt2 = "plugin = \"gpt2\"\ntokenizer = \"tokenizer\"\nconfig = { vocab_size = 262, n_positions = 96, n_embd = 32, n_layer = 2, n_head = 2 }\n";
    const std::string bert = "plugin = \"bert\"\ntokenizer = \"tokenizer\"\nconfig = { vocab_size = 262, hidden_size = 24, num_hidden_layers = 2, num_attention_heads = 2, intermediate_size = 48, max_position_embeddings = 96 }\n";
    return "name = \"" + name + R"("
task = "classification"
metrics = ["accuracy", "cross_entropy"]
threads = 1
[dataset]
plugin = "jsonl"
train = "train.jsonl"
test = "test.jsonl"
id = "id"
[model]
)" + (model == "bert" ? bert : gpt2) + strategies;
  }

  // Values of the test items in the order of test.jsonl; a trial has them in another one.
  template <class T>
  static std::vector<T> in_order(const record::TrialRecord& trial, const std::vector<T>& values) {
    std::vector<T> ordered(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) ordered.at(static_cast<std::size_t>(std::stoi(trial.test->predictions.id.at(i).substr(5)))) = values[i];
    return ordered;
  }

  // The trials of each strategy, by its name.
  std::map<std::string, record::TrialRecord> run(const std::string& name, const std::string& toml) {
    folder.write(name + ".toml", toml);
    const ProgramResult result = run_shell(with_cache() + " run " + name + ".toml", folder.path());
    EXPECT_EQ(result.status, 0) << result.all();
    std::map<std::string, record::TrialRecord> trials;
    for (const auto& trial : record::read_summary(folder / ("results/" + name + "/study.h5")).trials) {
      EXPECT_EQ(trial.status, "complete") << trial.strategy << ": " << trial.error;
      numbers_[trial.strategy] = trial.number;
      trials.emplace(trial.strategy, record::read_trial(launch::trial_folder(folder / ("results/" + name), trial.number) / "trial.h5"));
    }
    return trials;
  }

  // What `temper predict` answers to the test items now.
  std::vector<std::string> asked(const std::string& name, const std::string& strategy) const {
    const ProgramResult answers = run_shell(with_cache() + " predict results/" + name + " --trial " + std::to_string(numbers_.at(strategy)) + " < ask.jsonl", folder.path());
    EXPECT_EQ(answers.status, 0) << strategy << ": " << answers.all();
    std::vector<std::string> labels;
    std::istringstream lines(answers.out);
    for (std::string line; std::getline(lines, line);) labels.push_back(parse_json(line).find("label")->as_string());
    return labels;
  }

  void expect_the_same_from_checkpoints(const std::string& name, const std::map<std::string, record::TrialRecord>& trials) {
    for (const char* file : {"train.jsonl", "test.jsonl", "docs.jsonl", "cache"}) fs::remove_all(folder / file);
    for (const auto& [strategy, trial] : trials) EXPECT_EQ(asked(name, strategy), in_order(trial, trial.test->predictions.prediction)) << strategy;
  }

  std::string with_cache() const { return "XDG_CACHE_HOME='" + (folder / "cache").string() + "' '" + temper_program() + "'"; }

  TemporaryFolder folder;
  std::map<std::string, std::int64_t> numbers_;
};

TEST_F(RetrievalStudy, RunsTheCheapBaselinesWithAndWithoutAModel) {
  const auto trials = run("baselines", experiment("baselines", R"(
[[strategy]]
plugin = "nearest_neighbour"
k = 3
[[strategy]]
plugin = "nearest_neighbour"
name = "by_words"
features = "words"
weighting = "similarity"
[[strategy]]
plugin = "logistic_regression"
[[strategy]]
plugin = "logistic_regression"
name = "tfidf"
features = "tfidf"
C = 10
)"));
  ASSERT_EQ(trials.size(), 4u);
  for (const char* name : {"by_words", "tfidf"}) {
    const auto prediction = in_order(trials.at(name), trials.at(name).test->predictions.prediction);
    ASSERT_EQ(prediction.size(), 4u);
    EXPECT_EQ(prediction[0] + prediction[1], "goodbad") << name;
    EXPECT_FALSE(fs::exists(folder / ("results/baselines/trials/000" + std::to_string(numbers_.at(name)) + "/checkpoint/model"))) << name;
  }
  expect_the_same_from_checkpoints("baselines", trials);
}

TEST_F(RetrievalStudy, PutsPassagesBeforeItemsAndRecordsThem) {
  const auto trials = run("rag", experiment("rag", R"(
[[strategy]]
plugin = "rag"
corpus = "docs.jsonl"
answer = "choice"
k = 2
)"));
  ASSERT_EQ(trials.size(), 1u);
  const auto used = in_order(trials.at("rag"), trials.at("rag").test->predictions.used_ids);
  ASSERT_EQ(used.size(), 4u);
  EXPECT_EQ(used[0], (std::vector<std::string>{"food", "weather"}));
  EXPECT_EQ(used[1], (std::vector<std::string>{"weather"}));
  EXPECT_TRUE(used[2].empty());
  EXPECT_TRUE(used[3].empty());
  expect_the_same_from_checkpoints("rag", trials);
}

// A classifier that temper trained is the encoder that the next study retrieves with.
TEST_F(RetrievalStudy, RetrievesByAnEncoderInAWorker) {
  run("encoder", experiment("encoder", "[training]\nepochs = 1\n[[strategy]]\nplugin = \"supervised\"\n", "bert"));
  const ProgramResult exported = run_shell(with_cache() + " export results/encoder encoder --trial 1", folder.path());
  ASSERT_EQ(exported.status, 0) << exported.all();
  const auto trials = run("dense", experiment("dense", R"(
[[strategy]]
plugin = "rag"
corpus = "docs.jsonl"
retriever = { plugin = "dense", checkpoint = "encoder" }
answer = "choice"
k = 5
)"));
  ASSERT_EQ(trials.size(), 1u);
  const auto used = in_order(trials.at("rag"), trials.at("rag").test->predictions.used_ids);
  ASSERT_EQ(used.size(), 4u);
  EXPECT_EQ(used[0].size(), 2u) << "both passages that have a text";
  EXPECT_TRUE(used[2].empty());

  folder.write("queries.jsonl", "{\"id\": \"q\", \"text\": \"soup is food\"}\n");
  const ProgramResult ranked = run_shell(with_cache() + " retrieve --corpus docs.jsonl --queries queries.jsonl --retriever dense --set checkpoint=encoder", folder.path());
  EXPECT_EQ(ranked.status, 0) << ranked.err;
  EXPECT_TRUE(ranked.out.starts_with("q Q0 food 1 ")) << ranked.out;
  const ProgramResult wrong = run_shell(with_cache() + " retrieve --corpus docs.jsonl --queries queries.jsonl --retriever dense --set checkpoint=nowhere", folder.path());
  EXPECT_EQ(wrong.status, 2);
  EXPECT_NE(wrong.err.find("nowhere"), std::string::npos) << wrong.err;
  expect_the_same_from_checkpoints("dense", trials);
}

TEST_F(RetrievalStudy, TellsACorpusThatIsNotThereBeforeTheFirstTrial) {
  folder.write("none.toml", experiment("none", "[[strategy]]\nplugin = \"rag\"\ncorpus = \"nowhere.jsonl\"\n"));
  const ProgramResult result = run_temper("run none.toml", folder.path());
  EXPECT_EQ(result.status, 2) << result.all();
  EXPECT_NE(result.all().find("nowhere.jsonl"), std::string::npos) << result.all();
}

}  // namespace
}  // namespace temper::testing
