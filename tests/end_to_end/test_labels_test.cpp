// No strategy sees a test label: the same study with other labels in the test file alone gives the same curves, answers and checkpoints.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "launch/study_folder.h"
#include "record/study_file.h"
#include "record/trial_record.h"
#include "registry/registry.h"
#include "support/run_program.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;
using TextsAndLabels = std::vector<std::pair<std::string, std::string>>;

// How each strategy is tried, by its plugin's name; those that are not named run as they are.
const std::map<std::string, std::vector<std::string>> kEntries = {
    {"few_shot", {"shots = 2\nselection = \"random\"", "shots = 2\nselection = \"nearest\""}},
    {"logistic_regression", {"features = \"tfidf\"", "features = \"embedding\""}},
    {"nearest_neighbour", {"features = \"words\"\nk = 3", "features = \"embedding\"\nk = 3"}},
    {"domain_adaptive", {"corpus = \"texts.txt\"", "corpus = \"texts.txt\"\nfrom = \"supervised0\""}},
    {"rag", {"corpus = \"corpus.jsonl\"\nretriever = { plugin = \"bm25\" }\nk = 1", "corpus = \"corpus.jsonl\"\nretriever = { plugin = \"bm25\" }\nk = 1\nfrom = \"supervised2\""}},
    {"supervised", {"tune = \"full\"", "tune = \"head\"", "tune = \"lora\"", "tune = \"bitfit\""}},
};

// Whatever strategies are installed; a new one with an option that must be given is an error here until kEntries names it.
std::string strategies() {
  std::string text;
  for (const std::string& plugin : registry::installed().names("strategy")) {
    const auto known = kEntries.find(plugin);
    const std::vector<std::string> entries = known == kEntries.end() ? std::vector<std::string>{""} : known->second;
    for (std::size_t i = 0; i < entries.size(); ++i)
      text += "[[strategy]]\nplugin = \"" + plugin + "\"\nname = \"" + plugin + std::to_string(i) + "\"\n" + entries[i] + "\n";
  }
  return text;
}

std::string rows(const std::string& prefix, const TextsAndLabels& texts) {
  std::string lines;
  for (const auto& [text, label] : texts) lines += Json({{"id", prefix + std::to_string(lines.size())}, {"text", text}, {"label", label}}).dump() + '\n';
  return lines;
}

// A study in a folder of its own; all that differs between two of them are the labels of the test rows.
class TrialsOf {
 public:
  explicit TrialsOf(const TextsAndLabels& test) {
    fs::create_directory(folder_.path() / "tokenizer");
    folder_.write("tokenizer/tokenizer.json", byte_bpe_json({{"t", "h"}, {"i", "n"}, {"th", "e"}}).dump());
    folder_.write("train.jsonl", rows("train-", {{"the best of days", "good"}, {"thin soup", "bad"}, {"a fine thing", "good"}, {"the worst of days", "bad"}, {"nothing", "bad"},
                                                 {"fine soup", "good"}, {"best of all", "good"}, {"worst of all", "bad"}, {"a fine end", "good"}, {"a thin end", "bad"}}));
    folder_.write("texts.txt", "the days are fine and thin\n\nthe best of soups is thin at the end\n\nall is fine at the end of the worst days\n");
    folder_.write("corpus.jsonl", "{\"id\": \"p1\", \"text\": \"fine is good\"}\n{\"id\": \"p2\", \"text\": \"thin is bad\"}\n");
    folder_.write("test.jsonl", rows("test-", test));
    folder_.write("study.toml", R"(name = "study"
task = "classification"
metrics = ["accuracy"]
threads = 1
[dataset]
plugin = "jsonl"
train = "train.jsonl"
validation = 0.2
test = "test.jsonl"
id = "id"
[prompt]
input = "Day: {text}\nMood:"
[model]
plugin = "gpt2"
tokenizer = "tokenizer"
config = { vocab_size = 260, n_positions = 160, n_embd = 16, n_layer = 2, n_head = 2 }
[training]
epochs = 1
batch_size = 4
learning_rate = 1e-3
)" + strategies());
    result = run_temper("run study.toml", folder_.path());
  }

  std::vector<record::TrialSummary> summary() const { return record::read_summary(folder_ / "results/study/study.h5").trials; }
  fs::path trial(std::int64_t number) const { return launch::trial_folder(folder_ / "results/study", number); }

  // The files of the model and of the strategy, by their paths below the checkpoint.
  std::map<std::string, std::string> checkpoint(std::int64_t number) const {
    std::map<std::string, std::string> files;
    for (const char* part : {"model", "strategy"}) {
      const fs::path root = trial(number) / "checkpoint";
      if (!fs::is_directory(root / part)) continue;
      for (const auto& entry : fs::recursive_directory_iterator(root / part)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        files[entry.path().lexically_relative(root).string()] = std::string{std::istreambuf_iterator<char>(file), {}};
      }
    }
    return files;
  }

  ProgramResult result;

 private:
  TemporaryFolder folder_;
};

// The curves with every bit.
std::string curves_of(const record::TrialRecord& trial) {
  std::string text;
  const auto add = [&](const std::string& name, const std::vector<double>& values) {
    text += name;
    for (const double value : values) text += ' ' + to_toml(Value(value));
    text += '\n';
  };
  if (trial.training) add("loss", trial.training->loss), add("grad_norm", trial.training->grad_norm);
  if (trial.evaluation) {
    for (const record::Column& column : trial.evaluation->columns) add(column.name, column.values);
  }
  add("objective", {trial.objective});
  return text;
}

double accuracy(const record::TrialRecord& trial) { return trial.test->metrics.front().value; }

TEST(TestLabels, ReachNoStrategy) {
  const TextsAndLabels test = {{"a fine day", "good"}, {"thin air", "bad"}, {"the end", "bad"}, {"fine soup at the end", "good"}, {"thin", "bad"}};
  TextsAndLabels other = test;
  for (auto& [text, label] : other) label = label == "good" ? "bad" : "good";
  const TrialsOf first(test), second(other);
  ASSERT_EQ(first.result.status, 0) << first.result.all();
  ASSERT_EQ(second.result.status, 0) << second.result.all();
  const auto trials = first.summary();
  ASSERT_EQ(trials.size(), second.summary().size());
  ASSERT_GE(trials.size(), registry::installed().names("strategy").size());
  int kept = 0;
  for (const record::TrialSummary& trial : trials) {
    SCOPED_TRACE(trial.strategy);
    const record::TrialRecord one = record::read_trial(first.trial(trial.number) / "trial.h5"), two = record::read_trial(second.trial(trial.number) / "trial.h5");
    // The labels did change, and were scored.
    EXPECT_NE(one.test->predictions.reference, two.test->predictions.reference);
    EXPECT_DOUBLE_EQ(accuracy(one) + accuracy(two), 1.0);
    // Nothing else did.
    EXPECT_EQ(one.test->predictions.prediction, two.test->predictions.prediction);
    EXPECT_EQ(one.test->predictions.used_ids, two.test->predictions.used_ids);
    EXPECT_EQ(curves_of(one), curves_of(two));
    const auto files = first.checkpoint(trial.number);
    EXPECT_TRUE(files == second.checkpoint(trial.number));
    kept += !files.empty();
  }
  EXPECT_GT(kept, 0);
}

TEST(TestLabels, OneThatTrainLacksIsToldBeforeAnythingRuns) {
  const TrialsOf trials({{"a fine day", "good"}, {"thin air", "canary"}});
  EXPECT_EQ(trials.result.status, 2) << trials.result.all();
  EXPECT_NE(trials.result.err.find("label \"canary\" (1 row of test) is not in train"), std::string::npos) << trials.result.err;
  EXPECT_FALSE(fs::exists(trials.trial(1)));
}

}  // namespace
}  // namespace temper::testing
