// Trials of several training phases: curves that count through, and kills anywhere that leave no trace in the outcome.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "record/compare_studies.h"
#include "record/event_log.h"
#include "record/study_file.h"
#include "record/trial_record.h"
#include "support/ids_experiment.h"
#include "support/run_program.h"
#include "support/stopped_run.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

using ::testing::HasSubstr;

// 12 steps a phase (48 items, 8 a step, 2 epochs); max_length cuts some items, which is a warning.
const char* const kTraining = R"([training]
epochs = 2
batch_size = 8
learning_rate = 1e-2
lr_scheduler_type = "linear"
warmup_steps = 4
snapshot_steps = 5
eval_steps = 4
max_length = 9
keep = "best"
)";

class PhasesStudy : public ::testing::Test {
 protected:
  // A checkpoint whose head is for other labels than the study's: the head is drawn anew, which is a note.
  void SetUp() override {
    ::setenv("TEMPER_PLUGIN_PATH", TEMPER_BUILD_DIRECTORY "/lib/temper/fixture_plugins", 1);
    write_ids_experiment(folder, "epochs = 1\nlearning_rate = 1e-3");
    succeed("run ids.toml");
    succeed("export results/ids base");
    for (const char* name : {"train", "test"}) {
      std::string text = folder.read(std::string(name) + ".jsonl");
      for (const auto& [from, to] : {std::pair<std::string, std::string>{"\"odd\"", "\"left\""}, {"\"even\"", "\"right\""}}) {
        for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
      }
      folder.write(std::string(name) + ".jsonl", text);
    }
  }
  void TearDown() override { ::unsetenv("TEMPER_PLUGIN_PATH"); }

  void write(const std::string& name, const std::string& tunes, const std::string& training = kTraining, const std::string& strategy = "") const {
    folder.write(name + ".toml", "name = \"" + name + R"("
task = "classification"
threads = 1
[dataset]
plugin = "jsonl"
train = "train.jsonl"
validation = 0.2
test = "test.jsonl"
[model]
checkpoint = "base"
)" + training + "[[strategy]]\nplugin = \"phases\"\ntunes = " + tunes + "\n" + strategy);
  }
  ProgramResult succeed(const std::string& arguments) const {
    const ProgramResult result = run_temper(arguments, folder.path());
    EXPECT_EQ(result.status, 0) << arguments << '\n' << result.all();
    return result;
  }
  record::TrialRecord read(const std::string& study) const { return record::read_trial(folder / ("results/" + study + "/trials/0001/trial.h5")); }
  std::vector<record::Event> events(const std::string& study) const { return record::read_events(folder / ("results/" + study + "/trials/0001/events.jsonl")); }
  template <class Kind>
  std::vector<std::string> texts(const std::string& study) const {
    std::vector<std::string> all;
    for (const record::Event& event : events(study)) {
      if (const Kind* line = std::get_if<Kind>(&event)) all.push_back(line->text);
    }
    return all;
  }

  TemporaryFolder folder;
};

TEST_F(PhasesStudy, CurvesCountThroughAllPhasesAndNameThem) {
  write("phases", R"(["head", "full"])");
  succeed("run phases.toml");
  const record::TrialRecord trial = read("phases");
  EXPECT_EQ(trial.status, "complete") << trial.error;
  const record::TrainingCurves& training = trial.training.value();
  EXPECT_EQ(training.phases, (std::vector<std::string>{"head", "full"}));
  ASSERT_EQ(training.step.size(), 24u);
  for (std::size_t i = 0; i < training.step.size(); ++i) {
    EXPECT_EQ(training.step[i], static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(training.phase[i], i < 12 ? 0 : 1);
  }
  EXPECT_TRUE(std::is_sorted(training.tokens.begin(), training.tokens.end()));
  EXPECT_TRUE(std::is_sorted(training.seconds.begin(), training.seconds.end()));
  EXPECT_EQ(training.tokens.back(), trial.cost->train_tokens);
  EXPECT_DOUBLE_EQ(training.epoch[11], 2);
  EXPECT_LT(training.epoch[12], 1);  // passes of the phase
  // Each phase has the whole schedule to itself: warm-up from 0, then down.
  for (const std::size_t first : {0u, 12u}) {
    EXPECT_EQ(training.learning_rate[first], 0);
    EXPECT_EQ(training.learning_rate[first + 4], 1e-2);
    EXPECT_LT(training.learning_rate[first + 11], 2e-3);
  }

  const record::EvaluationCurves& evaluation = trial.evaluation.value();
  EXPECT_EQ(evaluation.phases, training.phases);
  EXPECT_EQ(evaluation.step, (std::vector<std::int64_t>{0, 4, 8, 12, 12, 16, 20, 24}));
  EXPECT_EQ(evaluation.phase, (std::vector<std::int64_t>{0, 0, 0, 0, 1, 1, 1, 1}));
  // The second phase begins with the weights that the first one kept: its best.
  const std::vector<double>& losses = evaluation.find("validation_loss")->values;
  EXPECT_NEAR(losses[4], *std::min_element(losses.begin(), losses.begin() + 4), 1e-6);
  EXPECT_EQ(trial.objective, *std::min_element(losses.begin() + 4, losses.end()));

  // What is told once for the trial is not told again by every phase.
  const std::vector<std::string> notes = texts<record::Note>("phases"), warnings = texts<record::Warning>("phases");
  EXPECT_EQ(std::count_if(notes.begin(), notes.end(), [](const std::string& text) { return text.find("is new") != std::string::npos; }), 2);
  EXPECT_EQ(std::set<std::string>(warnings.begin(), warnings.end()).size(), warnings.size());
  EXPECT_FALSE(warnings.empty());
}

TEST_F(PhasesStudy, KillsAnywhereLeaveNoTraceInTheOutcome) {
  write("phases", R"(["last", "lora", "head", "full"])");
  succeed("run phases.toml");
  std::filesystem::rename(folder / "results/phases", folder / "unbroken");
  int kills = 0, status = 0;
  for (const int step : {3, 8, 12, 13, 23, 27, 37, 44}) kills += stop_at_step(start_run(folder, "phases.toml"), folder, step, step == 23 ? SIGINT : SIGKILL, &status, "phases") ? 1 : 0;
  EXPECT_GT(kills, 3);
  succeed("run phases.toml");
  EXPECT_EQ(read("phases").status, "complete") << read("phases").error;
  EXPECT_EQ(record::compare_studies(folder / "unbroken/study.h5", folder / "results/phases/study.h5"), std::vector<std::string>());

  // The events too: every row, note and warning once, in the same order.
  const auto kinds = [&](const std::filesystem::path& study) {
    std::vector<std::size_t> all;
    for (const record::Event& event : record::read_events(study / "trials/0001/events.jsonl")) all.push_back(event.index());
    return all;
  };
  EXPECT_EQ(kinds(folder / "results/phases"), kinds(folder / "unbroken"));
}

// A strategy that does not say that another phase follows: the first one is trained anew, and the later snapshot does not fit its rows.
TEST_F(PhasesStudy, APhaseThatWasNotKeptIsTrainedAnew) {
  std::string training = kTraining;
  training.replace(training.find("snapshot_steps = 5"), 18, "snapshot_steps = 13");
  training.replace(training.find("epochs = 2"), 10, "max_steps = 12\n#");
  write("phases", R"(["head", "full"])", training, "keeps_phases = false\n");
  succeed("run phases.toml");
  std::filesystem::rename(folder / "results/phases", folder / "unbroken");
  int status = 0;
  ASSERT_TRUE(stop_at_step(start_run(folder, "phases.toml"), folder, 14, SIGINT, &status, "phases"));
  succeed("run phases.toml");
  EXPECT_EQ(record::compare_studies(folder / "unbroken/study.h5", folder / "results/phases/study.h5"), std::vector<std::string>());
}

// What earlier phases changed is in the states that a later phase keeps of its frozen layers.
TEST_F(PhasesStudy, FrozenStatesAreThoseOfTheWeightsThatEarlierPhasesLeft) {
  for (const std::string tunes : {R"(["full", "last", "head"])", R"(["lora", "head", "last"])", R"(["last", "head"])", R"(["head", "bitfit", "head"])"}) {
    write("kept", tunes);
    write("plain", tunes, std::string(kTraining) + "frozen_cache = false\n");
    succeed("run kept.toml --fresh");
    succeed("run plain.toml --fresh");
    const record::TrialRecord kept = read("kept"), plain = read("plain");
    for (std::size_t i = 0; i < plain.training->loss.size(); ++i) EXPECT_NEAR(kept.training->loss[i], plain.training->loss[i], 1e-5) << tunes << ' ' << i;
    const auto *a = kept.evaluation->find("validation_loss"), *b = plain.evaluation->find("validation_loss");
    for (std::size_t i = 0; i < b->values.size(); ++i) EXPECT_NEAR(a->values[i], b->values[i], 1e-5) << tunes << ' ' << i;
    EXPECT_EQ(kept.test->predictions.prediction, plain.test->predictions.prediction) << tunes;
  }
}

TEST_F(PhasesStudy, NoPhaseFollowsOneThatDiverged) {
  std::string training = kTraining;
  training.replace(training.find("1e-2"), 4, "1e30");
  write("phases", R"(["full", "head"])", training + "max_grad_norm = 0\n");
  succeed("run phases.toml");
  const record::TrialRecord trial = read("phases");
  EXPECT_EQ(trial.status, "diverged");
  EXPECT_EQ(trial.diagnosis->verdict, "diverged");
  EXPECT_EQ(trial.training->phases, std::vector<std::string>{"full"});
  EXPECT_THAT(texts<record::Note>("phases"), ::testing::Contains(HasSubstr("\"head\" is left out: \"full\" diverged")));
}

}  // namespace
}  // namespace temper::testing
