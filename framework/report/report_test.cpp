// What people read: the table of a study, and the progress line.
#include <cmath>

#include <gtest/gtest.h>

#include "report/columns.h"
#include "report/comparison_table.h"
#include "report/progress.h"
#include "report/table.h"
#include "report/words.h"
#include "support/example_records.h"

namespace temper::report {
namespace {

using record::kNaN;
using record::StudySummary;
using record::TrialSummary;

constexpr Terminal kFile{};  // no terminal: nothing is cut or coloured

StudySummary example_study() {
  StudySummary study;
  study.name = "tweets";
  study.objective = "validation_loss";
  study.swept = {"training.learning_rate", "training.batch_size"};
  study.metrics = {"accuracy", "f1_macro"};
  const auto add = [&](std::int64_t number, const char* strategy, const char* status, const char* verdict, double objective) -> TrialSummary& {
    TrialSummary& trial = study.trials.emplace_back();
    trial.number = number;
    trial.strategy = strategy;
    trial.status = status;
    trial.verdict = verdict;
    trial.seed = 1;
    trial.objective = objective;
    trial.metrics = {{"accuracy", kNaN, kNaN}, {"f1_macro", kNaN, kNaN}};
    return trial;
  };
  TrialSummary& first = add(1, "full", "complete", "good", 0.70123);
  first.swept = {{"training.learning_rate", 5e-5}, {"training.batch_size", 16}};
  first.metrics = {{"accuracy", 0.7461, 0.01372}, {"f1_macro", 0.74, 0.0141}};
  first.reason = "the validation loss still fell at the last step";
  TrialSummary& second = add(2, "full", "failed", "", kNaN);
  second.swept = {{"training.learning_rate", 1e-3}, {"training.batch_size", 16}};
  second.error = "out of memory\n    use a smaller batch_size";
  TrialSummary& third = add(10, "majority", "complete", "undecided", kNaN);
  third.metrics = {{"accuracy", 0.405, 0.0155}, {"f1_macro", 0.19, kNaN}};
  add(11, "full", "pending", "", kNaN);
  return study;
}

TEST(StudyTable, ShowsEveryTrialNamesTheBestAndExplainsFailures) {
  EXPECT_EQ(study_table(example_study(), kFile),
            "tweets: 4 trials (2 complete, 1 failed, 1 pending)\n"
            "\n"
            "   trial  strategy  learning_rate  batch_size  status    verdict    validation_loss       accuracy       f1_macro\n"
            "*      1  full               5e-5          16  complete  good                0.7012  0.746 ± 0.014  0.740 ± 0.014\n"
            "       2  full              0.001          16  failed    -                        -              -              -\n"
            "      10  majority              -           -  complete  undecided                -  0.405 ± 0.015           0.19\n"
            "\n"
            "trial 2 (full, learning_rate 0.001, batch_size 16) failed: out of memory\n"
            "        use a smaller batch_size\n"
            "best (lowest validation_loss): trial 1, full, learning_rate 5e-5, batch_size 16: validation_loss 0.7012; on the test split: "
            "accuracy 0.746 ± 0.014, f1_macro 0.740 ± 0.014\n"
            "its curves: good, the validation loss still fell at the last step\n");
}

TEST(StudyTable, FitsTheTerminalAndSaysWhatItLeavesOut) {
  for (const int width : {120, 100, 80, 60, 40, 20}) {
    const std::string text = study_table(example_study(), {true, width, false});
    const std::size_t first = text.find("\n\n") + 2;
    const std::string table = text.substr(first, text.find("\n\n", first) + 1 - first);  // sentences around it wrap by themselves
    for (std::size_t begin = 0, end; (end = table.find('\n', begin)) != std::string::npos; begin = end + 1)
      EXPECT_LE(display_width(table.substr(begin, end - begin)), width) << width;
  }
  const std::string narrow = study_table(example_study(), {true, 80, false});
  EXPECT_NE(narrow.find("no room for status, accuracy, f1_macro;"), std::string::npos) << narrow;
  EXPECT_NE(narrow.find("validation_loss"), std::string::npos);
}

TEST(StudyTable, UsesColoursOnlyWhereTheyAreWanted) {
  EXPECT_EQ(study_table(example_study(), {true, 200, false}).find('\x1b'), std::string::npos);
  EXPECT_NE(study_table(example_study(), {true, 200, true}).find("\x1b[31mfailed\x1b[0m"), std::string::npos);
}

TEST(StudyTable, TellsSeedsApartWhenThereAreSeveral) {
  StudySummary study = example_study();
  EXPECT_EQ(study_table(study, kFile).find("seed"), std::string::npos);
  study.trials[2].seed = 0;  // of a strategy that uses none
  EXPECT_EQ(study_table(study, kFile).find("seed"), std::string::npos);
  study.trials[1].seed = 2;
  EXPECT_NE(study_table(study, kFile).find("  seed  "), std::string::npos);
}

TEST(StudyTable, SaysWhyNoTrialIsTheBest) {
  StudySummary study = example_study();
  study.trials.erase(study.trials.begin());
  EXPECT_NE(study_table(study, kFile).find("no trial is called the best: none is complete with a validation_loss\n"), std::string::npos);
  study.objective.clear();
  EXPECT_NE(study_table(study, kFile).find("there is no validation split to choose by"), std::string::npos);
  study.trials.clear();
  EXPECT_EQ(study_table(study, kFile), "tweets: 0 trials\nno trial has ended yet\n");
}

TEST(StudyTable, ShowsTextOfDataThatCouldDisturbATerminalAsSpaces) {
  StudySummary study = example_study();
  study.trials[0].strategy = "a\x1b[2Jb";
  EXPECT_EQ(study_table(study, {true, 200, false}).find('\x1b'), std::string::npos);
}

record::Comparison example_comparison() {
  record::Comparison comparison;
  comparison.strategy = {"lora", "full", "few_shot", "majority"};
  comparison.best_trial = {12, 7, -1, 1};
  comparison.n_seeds = {3, 3, 0, 1};
  comparison.train_seconds = {240, 600, 0, 0};
  comparison.metrics.push_back({"accuracy", Better::kHigher, {0.7461, 0.7204, kNaN, 0.405}, {0.7192, 0.692, kNaN, 0.375},
                                {0.7722, 0.748, kNaN, 0.436}, std::vector(16, 0.0257), std::vector(16, 0.0334)});
  return comparison;
}

TEST(ComparisonTable, ShowsIntervalsAndWhetherTheBestIsAheadByMoreThanChance) {
  record::Comparison comparison = example_comparison();
  EXPECT_EQ(comparison_table(comparison, kFile),
            "strategies on the test split, each by its best configuration on validation, with 95 % intervals:\n"
            "\n"
            "strategy  trial  seeds  training              accuracy\n"
            "lora         12      3     4 min  0.746 [0.719, 0.772]\n"
            "full          7      3    10 min  0.720 [0.692, 0.748]\n"
            "few_shot      -      0       0 s                     -\n"
            "majority      1      1       0 s  0.405 [0.375, 0.436]\n"
            "\n"
            "by accuracy on the test split: lora is ahead of full by 0.0257, more than chance (p = 0.033, not corrected for the number of "
            "comparisons)\n");
  comparison.metrics[0].p_value = std::vector(16, 0.4);
  EXPECT_NE(comparison_table(comparison, kFile).find("lora is ahead of full by 0.0257, which may be chance (p = 0.4,"), std::string::npos);
  comparison.metrics[0].p_value = std::vector(16, kNaN);
  EXPECT_NE(comparison_table(comparison, kFile).find("no paired test can be made of the two"), std::string::npos);
}

TEST(ComparisonTable, KnowsThatOfLossesTheLowerIsBetter) {
  record::Comparison comparison = example_comparison();
  comparison.metrics[0].better = Better::kLower;
  EXPECT_NE(comparison_table(comparison, kFile).find("majority is ahead of full"), std::string::npos);
  comparison.metrics[0].value = {0.5, 0.5, kNaN, kNaN};
  EXPECT_NE(comparison_table(comparison, kFile).find("lora and full come out equal"), std::string::npos);
}

TEST(ComparisonTable, IsEmptyWhereThereIsNothingToCompare) {
  record::Comparison comparison = example_comparison();
  comparison.metrics[0].value = {0.5, kNaN, kNaN, kNaN};
  EXPECT_EQ(comparison_table(comparison, kFile), "");
  comparison.metrics.clear();
  EXPECT_EQ(comparison_table(comparison, kFile), "");
}

TEST(Words, ShowNumbersWithTheDigitsThatMean) {
  EXPECT_EQ(with_error(0.7461, 0.01372), "0.746 ± 0.014");
  EXPECT_EQ(with_error(31.456, 1.2), "31.5 ± 1.2");
  EXPECT_EQ(with_error(31.456, 12), "31 ± 12");
  EXPECT_EQ(with_error(0.5, kNaN), "0.5");
  EXPECT_EQ(with_error(1, 0), "1 ± 0");
  EXPECT_EQ(with_error(kNaN, 0.1), "-");
  EXPECT_EQ(with_error(0.5, INFINITY), "0.5");
  EXPECT_EQ(short_number(INFINITY), "inf");
}

TEST(Words, ShortenPathsAsLongAsTheyStayApart) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(short_names({"training.learning_rate", "lora.r"}), (Names{"learning_rate", "r"}));
  EXPECT_EQ(short_names({"dataset.seed", "prompt.seed"}), (Names{"dataset.seed", "prompt.seed"}));
  EXPECT_EQ(short_names({"seed", "prompt.seed"}), (Names{"seed", "prompt.seed"}));
  EXPECT_EQ(short_names({"a.b.c", "d.b.c"}), (Names{"a.b.c", "d.b.c"}));
}

TEST(Words, ShowOptionsAsAPersonWouldWriteThem) {
  EXPECT_EQ(option_text(3.0), "3");
  EXPECT_EQ(option_text(0.5), "0.5");
  EXPECT_EQ(option_text(5e-5), "5e-5");
  EXPECT_EQ(option_text("full"), "full");
  EXPECT_EQ(option_text(true), "true");
  EXPECT_EQ(option_text(Value()), "-");
  EXPECT_EQ(trial_label("lora", {{"training.epochs", 3.0}, {"lora.r", 8}}), "lora, epochs 3, r 8");
}

TEST(Words, SayDurations) {
  EXPECT_EQ(duration(0.4), "0 s");
  EXPECT_EQ(duration(59.4), "59 s");
  EXPECT_EQ(duration(60), "1 min");
  EXPECT_EQ(duration(7500), "2 h 05 min");
  EXPECT_EQ(duration(kNaN), "unknown time");
}

TEST(Terminal, CountsColumnsNotBytes) {
  EXPECT_EQ(display_width("Gefühl"), 6);
  EXPECT_EQ(display_width("👍"), 2);
  EXPECT_EQ(display_width("日本"), 4);
  EXPECT_EQ(display_width("e\u0301"), 1);
  EXPECT_EQ(fit("日本語", 6), "日本語");
  EXPECT_EQ(fit("日本語", 5), "日本…");
  EXPECT_EQ(fit("日本語", 4), "日…");
  EXPECT_EQ(fit("abc", 0), "");
  EXPECT_EQ(fit("a\xFF", 5), "a\uFFFD");
}

TEST(Progress, SaysHowATrialEnded) {
  Progress progress;
  progress.trials_total = 18;
  progress.trials_done = 3;
  EXPECT_EQ(ended_line(progress, temper::testing::example_trial(), "validation_loss", 12.2),
            "[3/18] lora, learning_rate 5e-5: complete, good, validation_loss 0.625, accuracy 0.746 ± 0.014, f1_macro 0.74 (12 s)");
  record::TrialRecord failed;
  failed.status = record::kFailed;
  failed.strategy = "lora";
  failed.error = "out of memory";
  EXPECT_EQ(ended_line(progress, failed, "validation_loss", 3), "[3/18] lora: failed (3 s): out of memory");
}

}  // namespace
}  // namespace temper::report
