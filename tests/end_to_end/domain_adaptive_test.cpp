// Pre-training on texts that is killed goes on to the same bits: in the phase of masked or next tokens, and in the task's that follows.
#include <gtest/gtest.h>

#include <filesystem>

#include "record/compare_studies.h"
#include "support/stopped_run.h"
#include "support/task_study.h"

namespace temper::testing {
namespace {

class DomainAdaptiveStudy : public TaskStudy {
 protected:
  void SetUp() override {
    TaskStudy::SetUp();
    std::string train, test, domain, general;
    for (int i = 0; i < 64; ++i) {
      const std::string row = std::string("{\"text\": \"") + (i % 2 ? "red " : "blue ") + word(i) + "\", \"label\": \"" + (i % 2 ? "warm" : "cold") + "\"}\n";
      (i < 48 ? train : test) += row;
    }
    for (int i = 0; i < 60; ++i) domain += std::string("red tree ") + word(i) + " lake " + word(i + 1) + " met in " + word(3 * i) + "\n";
    for (int i = 0; i < 20; ++i) general += std::string("lake ") + word(i) + " in blue\n";
    folder.write("train.jsonl", train);
    folder.write("test.jsonl", test);
    folder.write("domain.txt", domain);
    folder.write("general.txt", general);
  }

  // 12 steps on texts (blocks of 24 tokens draw their masks anew in each of several epochs), then 12 on the task.
  void write(const char* model, const std::string& tune) const {
    folder.write("domain.toml", std::string(R"(name = "domain"
task = "classification"
threads = 1
[dataset]
plugin = "jsonl"
train = "train.jsonl"
validation = 0.25
test = "test.jsonl"
[training]
batch_size = 6
max_steps = 12
learning_rate = 5e-3
eval_steps = 5
snapshot_steps = 3
[model]
)") + model + R"([[strategy]]
plugin = "domain_adaptive"
corpus = "domain.txt"
general = "general.txt"
documents = "lines"
pretraining = { max_steps = 12, max_length = 24 }
then = "full"
tune = ")" + tune + "\"\n");
  }

  void succeed(const std::string& arguments) const {
    const ProgramResult result = run_temper(arguments, folder.path());
    ASSERT_EQ(result.status, 0) << result.all();
  }

  void expect_no_trace_of_kills(double epochs) const {
    succeed("run domain.toml");
    const record::TrialRecord trial = record::read_trial(folder / "results/domain/trials/0001/trial.h5");
    ASSERT_EQ(trial.training->step.size(), 24u);
    EXPECT_EQ(trial.training->phases, (std::vector<std::string>{"domain_adaptive", "supervised"}));
    EXPECT_GT(trial.training->epoch[11], epochs);
    std::filesystem::rename(folder / "results/domain", folder / "unbroken");
    int kills = 0, status = 0;
    for (const int step : {2, 5, 8, 11, 14, 20}) kills += stop_at_step(start_run(folder, "domain.toml"), folder, step, step == 8 ? SIGINT : SIGKILL, &status, "domain") ? 1 : 0;
    EXPECT_GT(kills, 1);
    succeed("run domain.toml");
    EXPECT_EQ(record::compare_studies(folder / "unbroken/study.h5", folder / "results/domain/study.h5"), std::vector<std::string>());
  }
};

TEST_F(DomainAdaptiveStudy, OfMaskedTokensGoesOnToTheSameBits) {
  write(kBert, "full");
  expect_no_trace_of_kills(2);  // passes over the texts: masks are drawn anew between two kills
}

TEST_F(DomainAdaptiveStudy, OfNextTokensByAdaptersGoesOnToTheSameBits) {
  write(kGpt2, "lora");
  expect_no_trace_of_kills(0.1);
}

}  // namespace
}  // namespace temper::testing
