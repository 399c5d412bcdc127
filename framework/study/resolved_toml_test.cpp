// The resolved experiment file: complete, absolute, and the same experiment when it is read again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "study/study.h"
#include "support/made_up_study.h"

namespace temper::study {
namespace {

using temper::testing::kBeginning;
using temper::testing::kModel;
using temper::testing::kSupervised;
using temper::testing::MadeUpStudy;
using temper::testing::swept_of;
using temper::testing::TemporaryFolder;
using ::testing::HasSubstr;

void expect_same(const std::vector<Trial>& a, const std::vector<Trial>& b) {
  ASSERT_EQ(swept_of(a), swept_of(b));
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].identity, b[i].identity) << i;
    EXPECT_EQ(a[i].options, b[i].options) << i;
  }
}

// Reads, writes, reads elsewhere: the same text and the same trials.
void check_round_trip(const MadeUpStudy& study, const std::string& text) {
  SCOPED_TRACE(text);
  const Study first = study.read(text);
  const std::string resolved = resolved_toml(first.experiment);
  const TemporaryFolder elsewhere;
  const Study second = read_study(elsewhere.write("experiment.resolved.toml", resolved), {}, study.surroundings());
  EXPECT_EQ(resolved_toml(second.experiment), resolved);
  expect_same(first.trials, second.trials);
}

TEST(Resolved, ReadsBackToTheSameExperimentFromAnywhere) {
  MadeUpStudy study;
  study.variables["DATA"] = study.folder.path().string();
  check_round_trip(study, kBeginning + kModel + kSupervised);
  check_round_trip(study, kBeginning + kModel + "[sweep]\nlearning_rate = [1e-5, 3e-5]\nper_device_train_batch_size = [8, 16]\ndataset.limit.train = [10, 20]\n\"prompt.labels.very good\" = [\" good\"]\n" + kSupervised +
                              "[[strategy]]\nplugin = \"few_shot\"\nshots = [0, 4]\n[[strategy]]\nplugin = \"majority\"\n");
  check_round_trip(study, kBeginning + kModel + "[sweep]\ndataset.limit = [10, { test = 4 }]\nmodel.checkpoint = [\"model\", \"other_model\"]\n" + kSupervised + "training = { epochs = [1, 2], batch_size = 4 }\n");
  check_round_trip(study, "device = \"cpu\"\nthreads = 3\ntask = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"${DATA}/train.csv\"\n[model]\nplugin = \"gpt2\"\nconfig.n_layer = 2\n[sweep]\nmodel.config.n_embd = [4, 8]\n" + kSupervised);
  check_round_trip(study, "task = \"classification\"\n[dataset]\nplugin = \"generator\"\ntrain = \"easy\"\n[[strategy]]\nplugin = \"majority\"\nname = \"the \\\"base\\\" line\"\n");
}

TEST(Resolved, KeepsTheOrderOfAxes) {
  const MadeUpStudy study;
  const std::string sweep = "[sweep]\nepochs = [1, 2]\n";
  for (const std::string lists : {"lora = { lora_alpha = [1, 2], r = [4, 8] }\nlast_layers = [1, 2]\n", "training.warmup_steps = [1, 2]\nlora = { r = [4, 8], lora_alpha = [1, 2] }\ntune = [\"lora\", \"full\"]\n",
                                   "lora.target_modules = [[\"a\"], [\"b\", \"c\"]]\nlast_layers = 3\ntune = [\"lora\", \"full\"]\n"}) {
    check_round_trip(study, kBeginning + kModel + sweep + kSupervised + lists);
    check_round_trip(study, kBeginning + kModel + kSupervised + lists + sweep);
  }
  check_round_trip(study, kBeginning + kModel + "[[strategy]]\nplugin = \"rag\"\nweights = [[1.0, 2.0], [3.0]]\nretriever = { plugin = \"bm25\", stop_words = [\"stop.txt\", \"docs.jsonl\"], k1 = [1, 2] }\ncorpus = [\"docs.jsonl\", \"stop.txt\"]\n");
  check_round_trip(study, kBeginning + kModel + "[[strategy]]\nplugin = \"rag\"\nretriever = [{ plugin = \"bm25\", k1 = 1 }, { plugin = \"dense\" }]\ncorpus = \"docs.jsonl\"\n");
}

TEST(Resolved, HoldsEveryDefaultAndAbsolutePaths) {
  const MadeUpStudy study;
  const std::string text = resolved_toml(study.read(kBeginning + kModel + kSupervised).experiment);
  for (const char* line : {"objective = \"validation_loss\"\n", "metrics = [\"accuracy\", \"f1\"]\n", "device = \"auto\"\n", "\nseed = 42\n", "\nlearning_rate = 5e-5\n", "\nkeep = \"last\"\n", "\nname = \"supervised\"\n",
                           "\nlora = { r = 8, lora_alpha = 16.0, target_modules = [\"c_attn\"] }\n", "\ninput = \"{text}\"\n"})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_THAT(text, HasSubstr("\ntrain = \"" + (study.folder / "train.csv").string() + "\"\n"));
}

TEST(Resolved, LacksUnsetOptionals) {
  const MadeUpStudy study;
  const std::string text = resolved_toml(study.read("task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[[strategy]]\nplugin = \"majority\"\n").experiment);
  for (const char* key : {"max_steps", "early_stopping_patience", "threads", "objective", "\ntest", "\nvalidation", "checkpoint", "[sweep]"}) EXPECT_EQ(text.find(key), std::string::npos) << key;
}

}  // namespace
}  // namespace temper::study
