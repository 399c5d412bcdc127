// A user's own file, from `temper new experiment` to a table, as the README tells it.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "record/study_file.h"
#include "support/run_program.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

// Reviews whose mood a few words tell, in a random-looking order; a quoted line break, an empty text and a row without a label among them.
std::string reviews(int count) {
  const std::vector<std::string> good = {"lovely", "fine", "delightful"}, bad = {"dull", "awful", "tiresome"}, things = {"film", "plot", "soup", "story", "song"};
  std::string text = "id,review,mood\n";
  for (int i = 0; i < count; ++i) {
    const std::size_t at = static_cast<std::size_t>(i) * 7;
    const bool is_good = i * 5 % 7 < 4;
    text += std::to_string(i) + ",\"The " + things[at % 5] + " was " + (is_good ? good : bad)[at % 3] + (i == 3 ? ",\nI say" : "") + ", number " + std::to_string(i) + "\"," + (is_good ? "good" : "bad") + "\n";
  }
  return text + "1001,,good\n1002,whatever was that,\n";
}

TEST(NewExperiment, WritesAFileThatRunsAsItIsAndHasABestTrial) {
  const TemporaryFolder folder;
  folder.write("data/my reviews.csv", reviews(120));
  const ProgramResult made = run_temper("new experiment --data 'data/my reviews.csv'", folder.path());
  ASSERT_EQ(made.status, 0) << made.all();
  EXPECT_EQ(made.out, "my_reviews.toml\n");
  EXPECT_EQ(made.err, "text: column \"review\"; label: column \"mood\"; 6 trials. next: temper run my_reviews.toml\n");

  const ProgramResult result = run_temper("run my_reviews.toml", folder.path());
  ASSERT_EQ(result.status, 0) << result.all();
  const record::StudySummary study = record::read_summary(folder / "results/my_reviews/study.h5");
  ASSERT_EQ(study.trials.size(), 6u);
  for (const auto& trial : study.trials) EXPECT_EQ(trial.status, "complete") << trial.error;
  ASSERT_NE(study.best(), nullptr);
  const auto& metrics = study.best()->metrics;
  const auto accuracy = std::find_if(metrics.begin(), metrics.end(), [](const auto& metric) { return metric.name == "accuracy"; });
  ASSERT_NE(accuracy, metrics.end());
  EXPECT_GT(accuracy->value, 0.8);  // always "good": about 0.57

  const ProgramResult answer = run_shell("echo 'A lovely song' | '" + temper_program() + "' predict results/my_reviews", folder.path());
  EXPECT_EQ(answer.status, 0) << answer.all();
  EXPECT_NE(answer.out.find("\"label\": \"good\""), std::string::npos) << answer.out;
}

TEST(NewExperiment, TakesATestFileJsonLinesAndPairs) {
  const TemporaryFolder folder;
  std::string train, test;
  for (int i = 0; i < 40; ++i) {
    const std::string row = "{\"question\": \"is the " + std::string(i % 2 ? "sun" : "moon") + " bright, case " + std::to_string(i) + "\", \"context\": \"it is said that day " +
                            std::to_string(i) + (i % 2 ? " shines" : " hides") + "\", \"label\": " + (i % 2 ? "true" : "false") + "}\n";
    (i < 30 ? train : test) += row;
  }
  folder.write("train.jsonl", train);
  folder.write("test.jsonl", test);
  const ProgramResult made = run_temper("new experiment pairs --data train.jsonl --test test.jsonl", folder.path());
  ASSERT_EQ(made.status, 0) << made.all();
  EXPECT_NE(folder.read("pairs.toml").find("input = \"{question} {context}\""), std::string::npos);
  const ProgramResult result = run_temper("run pairs.toml", folder.path());
  EXPECT_EQ(result.status, 0) << result.all();
}

TEST(NewExperiment, SetsFineTuningBesideEmbeddingsWhereAModelIsGiven) {
  const TemporaryFolder folder;
  folder.write("my.csv", reviews(60));
  folder.write("tokenizer/tokenizer.json", byte_bpe_json({{"t", "h"}, {"i", "n"}, {"th", "e"}}).dump());
  folder.write("model.toml", R"(name = "model"
task = "classification"
[dataset]
plugin = "csv"
train = "my.csv"
text = "review"
label = "mood"
on_bad_row = "drop"
[model]
plugin = "gpt2"
tokenizer = "tokenizer"
config = { vocab_size = 260, n_positions = 96, n_embd = 16, n_layer = 2, n_head = 2 }
[training]
max_steps = 1
[[strategy]]
plugin = "supervised"
)");
  ASSERT_EQ(run_temper("run model.toml", folder.path()).status, 0);
  ASSERT_EQ(run_temper("export results/model checkpoint --trial 1", folder.path()).status, 0);
  const ProgramResult made = run_temper("new experiment tuned --data my.csv --model checkpoint", folder.path());
  ASSERT_EQ(made.status, 0) << made.all();
  EXPECT_NE(folder.read("tuned.toml").find("\ncheckpoint = \"checkpoint\"\n"), std::string::npos);
  const ProgramResult result = run_temper("run tuned.toml --set training.epochs=1", folder.path());
  ASSERT_EQ(result.status, 0) << result.all();
  const record::StudySummary study = record::read_summary(folder / "results/tuned/study.h5");
  EXPECT_EQ(study.trials.size(), 5u);  // two learning rates, three C
  EXPECT_NE(study.best(), nullptr);
}

TEST(NewExperiment, OverwritesNothingAndSaysWhatIsWrong) {
  const TemporaryFolder folder;
  folder.write("my.csv", reviews(40));
  folder.write("my.toml", "mine");
  folder.write("one.csv", "text\na\nb\nc\n");
  const auto error = [&](const std::string& arguments) {
    const ProgramResult result = run_temper("new " + arguments, folder.path());
    EXPECT_EQ(result.status, 2) << arguments << '\n' << result.all();
    return result.err;
  };
  EXPECT_EQ(error("experiment --data my.csv"), "my.toml is there already\n    choose another name: --output FILE.toml; or remove it\n");
  EXPECT_EQ(folder.read("my.toml"), "mine");
  EXPECT_NE(error("experiment --data one.csv").find("no column looks like a label"), std::string::npos);
  EXPECT_NE(error("experiment --data none.csv").find("none.csv"), std::string::npos);
  EXPECT_EQ(error("experiment"), "temper new experiment: --data is missing\n    see: temper new --help\n");
  EXPECT_EQ(error("strategy mine"), "temper new makes no \"strategy\"\n    there is: temper new experiment --data FILE\n");
  EXPECT_NE(error("experiment --data my.csv --output other.toml --test one.csv").find("one.csv:1: there is no column \"mood\" for the label"), std::string::npos);
  EXPECT_NE(error("experiment --data my.csv --output other.toml --model nobody/nothing").find("nobody/nothing"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder / "other.toml"));
}

// The commands of a section of the README: what stands behind four blanks.
std::string commands_of(const std::string& section) {
  std::ifstream file(std::string(TEMPER_SOURCE_DIRECTORY) + "/README.md");
  std::string commands;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) is_inside = line == "## " + section;
    else if (is_inside && line.starts_with("    ")) commands += line.substr(4) + "\n";
  }
  return commands;
}

TEST(NewExperiment, DoesWhatTheReadmeSays) {
  const std::string commands = commands_of("Your own data in a minute");
  ASSERT_NE(commands.find("temper new experiment --data my.csv"), std::string::npos) << commands;
  const TemporaryFolder folder;
  folder.write("my.csv", reviews(120));
  const ProgramResult result = run_shell("set -e\nPATH=\"" TEMPER_BUILD_DIRECTORY "/bin:$PATH\"\n" + commands, folder.path());
  EXPECT_EQ(result.status, 0) << commands << result.all();
  EXPECT_NE(result.out.find("best (lowest validation_loss)"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace temper::testing
