// Jobs, and the text of `temper plan`.
#include "study/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "study/ledger.h"
#include "support/made_up_study.h"

namespace temper::study {
namespace {

using temper::testing::kModel;
using temper::testing::kSupervised;
using temper::testing::MadeUpStudy;
using ::testing::HasSubstr;

Study small_study(const MadeUpStudy& made_up, const std::string& validation = "validation = 0.1\n") {
  Study study = made_up.read("name = \"tweets\"\ntask = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n" + validation + "[model]\n" + kModel + "[sweep]\nlearning_rate = [1e-5, 0.001]\n" + kSupervised +
                             "[[strategy]]\nplugin = \"majority\"\n");
  Ledger().plan(study.trials);
  return study;
}

TEST(Plan, AJobIsOneTrial) {
  const MadeUpStudy made_up;
  const std::vector<Job> jobs = plan_jobs(small_study(made_up).trials);
  ASSERT_EQ(jobs.size(), 3u);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    ASSERT_EQ(jobs[i].trials.size(), 1u);
    EXPECT_EQ(jobs[i].trials[0].number, static_cast<std::int64_t>(i + 1));
  }
}

TEST(Plan, TrialsOverTheSameFrozenLayersAreOneJobOrOneForEachWorker) {
  const MadeUpStudy made_up;
  Study study = made_up.read("task = \"classification\"\nseeds = [1, 2]\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[model]\n" + kModel +
                             "[sweep]\nlearning_rate = [1e-5, 0.001, 0.01]\n[[strategy]]\nplugin = \"supervised\"\ntune = [\"full\", \"head\"]\n");
  Ledger().plan(study.trials);
  const auto sizes = [&](std::int64_t workers) {
    std::vector<std::size_t> sizes;
    for (const Job& job : plan_jobs(study.trials, workers))
      if (job.trials.size() > 1 || job.trials.front().options.find_path("strategy.tune")->as_string() == "head") sizes.push_back(job.trials.size());
    return sizes;
  };
  EXPECT_EQ(sizes(1), std::vector<std::size_t>{6});
  EXPECT_EQ(sizes(4), (std::vector<std::size_t>{1, 2, 1, 2}));
  EXPECT_EQ(sizes(99), std::vector<std::size_t>(6, 1));
  EXPECT_THAT(describe_plan(study, plan_jobs(study.trials), {}), HasSubstr("the states of the model's frozen layers"));
}

TEST(Plan, ShowsWhatTrialsGoOnFrom) {
  const MadeUpStudy made_up;
  Study study = made_up.read("task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\nvalidation = 0.1\n[model]\n" + kModel + kSupervised +
                             "[[strategy]]\nplugin = \"few_shot\"\nfrom = \"supervised\"\n[[strategy]]\nplugin = \"few_shot\"\nname = \"best\"\nfrom_best = \"supervised\"\n");
  Ledger().plan(study.trials);
  EXPECT_THAT(describe_plan(study, plan_jobs(study.trials), {}), HasSubstr("  trial  strategy    seed  from             state\n"
                                                                           "      1  supervised     1  -                new\n"
                                                                           "      2  few_shot       1  1                new\n"
                                                                           "      3  best           1  best supervised  new\n"));
}

TEST(Plan, IsAPageThatSaysWhatWouldRun) {
  const MadeUpStudy made_up;
  const Study study = small_study(made_up);
  EXPECT_EQ(describe_plan(study, plan_jobs(study.trials), {}),
            "tweets: 3 trials in 3 jobs (3 new)\n\n"
            "  trial  strategy    seed  learning_rate  state\n"
            "      1  supervised     1           1e-5  new\n"
            "      2  supervised     1          0.001  new\n"
            "      3  majority       -              -  new\n"
            "\n"
            "objective  validation_loss, lower is better\n"
            "metrics    accuracy, f1\n");
}

TEST(Plan, ShowsWhatIsKnownAboutDataStepsTokensTimeAndMemory) {
  const MadeUpStudy made_up;
  const Study study = small_study(made_up);
  const Outlook outlook = [](const Trial& trial) {
    if (trial.number == 1) return TrialOutlook{"complete", 100, 2000, 50.0, 500'000'000};
    if (trial.number == 2) return TrialOutlook{"resumes at step 40", 100, 2000, 180.0, 1'250'000'000};
    return TrialOutlook();
  };
  EXPECT_EQ(describe_plan(study, plan_jobs(study.trials), {{"dataset.train", "/data/train.csv", "1000 rows, 3 labels"}, {"model.checkpoint", "/models/gpt2", "gpt2"}}, outlook),
            "tweets: 3 trials in 3 jobs (1 complete, 1 new, 1 resumes at step 40; about 3 min with one worker)\n\n"
            "  trial  strategy    seed  learning_rate  steps  tokens   time  memory  state\n"
            "      1  supervised     1           1e-5    100    2000   50 s  500 MB  complete\n"
            "      2  supervised     1          0.001    100    2000  3 min  1.2 GB  resumes at step 40\n"
            "      3  majority       -              -      -       -      -       -  new\n"
            "\n"
            "reads\n"
            "  dataset.train     /data/train.csv  1000 rows, 3 labels\n"
            "  model.checkpoint  /models/gpt2     gpt2\n"
            "\n"
            "objective  validation_loss, lower is better\n"
            "metrics    accuracy, f1\n");
}

TEST(Plan, TellsWhatJobsShare) {
  const MadeUpStudy made_up;
  const Study study = small_study(made_up);
  const std::vector<Job> jobs = {{{study.trials[0], study.trials[1]}, "one base model"}, {{study.trials[2]}, {}}};
  const std::string text = describe_plan(study, jobs, {});
  EXPECT_THAT(text, HasSubstr("tweets: 3 trials in 2 jobs (3 new)\n"));
  EXPECT_THAT(text, HasSubstr("      2  supervised     1          0.001  new, in job 1\n"));
  EXPECT_THAT(text, HasSubstr("\nshared\n  job 1: one base model\n"));
}

TEST(Plan, ReckonsWhatSharingSavesAndWhatAllTrialsNeedTogether) {
  const MadeUpStudy made_up;
  const Study study = small_study(made_up);
  const std::vector<Job> jobs = {{{study.trials[0], study.trials[1]}, "their first steps"}, {{study.trials[2]}, {}}};
  const Outlook outlook = [](const Trial& trial) {
    TrialOutlook alone{"new", 100, 2000, 600.0, 500'000'000};
    alone.disk_bytes = 400'000'000;
    alone.kept_bytes = 100'000'000;
    if (trial.number == 2) {
      alone.shared_steps = 90;
      alone.shared_seconds = 540;
      alone.is_sampled = true;
    }
    return trial.number == 3 ? TrialOutlook{"complete"} : alone;
  };
  const std::string text = describe_plan(study, jobs, {}, outlook, {2, {"2 trials by guessing"}});
  EXPECT_THAT(text, HasSubstr("(1 complete, 2 new; about 11 min with 2 workers)\n"));
  EXPECT_THAT(text, HasSubstr("      1  supervised     1           1e-5    100    2000  10 min  500 MB  400 MB  new, in job 1\n"));
  EXPECT_THAT(text, HasSubstr("      2  supervised     1          0.001   ~100   ~2000  10 min  500 MB  400 MB  new, in job 1\n"));
  EXPECT_THAT(text, HasSubstr("\nshared\n  job 1: their first steps: saves 90 optimizer steps and about 9 min\n"));
  EXPECT_THAT(text, HasSubstr("\nestimates\n"
                              "  time    about 11 min with 2 workers; sharing saves 9 min of 20 min of work\n"
                              "  memory  up to 500 MB a worker, 1.0 GB in all\n"
                              "  disk    up to 900 MB while it runs, 100 MB for the models that are kept\n"
                              "  2 trials by guessing\n"));
}

TEST(Plan, SaysWhatItMeansThatThereIsNoValidationSplit) {
  const MadeUpStudy made_up;
  const Study study = small_study(made_up, "");
  EXPECT_THAT(describe_plan(study, plan_jobs(study.trials), {}), HasSubstr("objective  none: there is no validation split, so no best snapshot, and every verdict is undecided\n"));
}

TEST(Plan, ShowsNotes) {
  const MadeUpStudy made_up;
  Study study = small_study(made_up);
  study.experiment.notes.push_back({{"experiment.toml", 3, 1}, "no strategy reads the axis prompt.input", {}});
  EXPECT_THAT(describe_plan(study, plan_jobs(study.trials), {}), HasSubstr("note: experiment.toml:3:1: no strategy reads the axis prompt.input\n"));
}

}  // namespace
}  // namespace temper::study
