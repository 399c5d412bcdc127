// Experiment files that were never meant well: the reader answers each with an experiment or an Error, nothing else.
#include <gtest/gtest.h>

#include <random>

#include "study/plan.h"
#include "study/study.h"
#include "support/made_up_study.h"

namespace temper::study {
namespace {

using temper::testing::kBeginning;
using temper::testing::kModel;
using temper::testing::kSupervised;
using temper::testing::MadeUpStudy;

const std::string kWhole = kBeginning + kModel + R"(
[prompt]
input = "{text}"
labels = { good = " good" }
[training]
learning_rate = 1e-5
[sweep]
epochs = [1]
dataset.limit = [10, 20]
prompt.labels.good = ["a"]
[[strategy]]
plugin = "supervised"
tune = ["full"]
lora = { r = [4, 8], target_modules = [["a"]] }
training = { batch_size = [1], warmup_ratio = 0.1 }
[[strategy]]
plugin = "rag"
corpus = "docs.jsonl"
retriever = { plugin = "bm25", k1 = [1, 2] }
from = "supervised"
[[strategy]]
plugin = "few_shot"
from_best = "rag"
)";

void expect_an_answer(const MadeUpStudy& study, const std::string& text, const std::vector<std::string>& sets = {}) {
  try {
    const Study read = study.read(text, sets);
    resolved_toml(read.experiment);
    describe_plan(read, plan_jobs(read.trials), {});
  } catch (const Error& error) {
    EXPECT_FALSE(error.problems().empty());
    for (const Problem& problem : error.problems()) EXPECT_FALSE(problem.what.empty());
  }
}

TEST(HostileExperiment, TheWholeIsFine) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(kWhole), "no error");
}

TEST(HostileExperiment, EveryLineLeftOut) {
  const MadeUpStudy study;
  for (std::size_t begin = 0; begin < kWhole.size(); begin = kWhole.find('\n', begin) + 1) {
    std::string text = kWhole;
    expect_an_answer(study, text.erase(begin, kWhole.find('\n', begin) + 1 - begin));
  }
}

TEST(HostileExperiment, EveryValueOfEveryOtherType) {
  const MadeUpStudy study;
  for (std::size_t at = kWhole.find(" = "); at != std::string::npos; at = kWhole.find(" = ", at + 1)) {
    const std::size_t end = kWhole.find('\n', at);
    for (const char* value : {"3", "-1", "0.5", "nan", "inf", "true", "\"\"", "\"x\"", "[]", "[[]]", "[1]", "[\"a\", 1]", "[[1], 2]", "{}", "{ plugin = 3 }", "[{ plugin = \"bm25\" }]", "[{}]", "{ a = { b = [1] } }",
                              "1979-05-27", "9223372036854775807"}) {
      std::string text = kWhole;
      expect_an_answer(study, text.replace(at + 3, end - at - 3, value));
    }
  }
}

TEST(HostileExperiment, EveryPathSetToEveryType) {
  const MadeUpStudy study;
  for (const char* path : {"name", "task", "seeds", "metrics", "objective", "device", "threads", "dataset", "prompt", "model", "training", "sweep", "strategy", "dataset.limit", "dataset.plugin", "model.config", "model.plugin",
                           "prompt.labels", "sweep.dataset", "sweep.model.config", "sweep.prompt.labels", "sweep.training", "sweep.dataset.plugin", "strategy.supervised.lora", "strategy.supervised.plugin", "strategy.supervised.name",
                           "strategy.supervised.training", "strategy.rag.retriever", "strategy.rag.retriever.plugin", "strategy.rag.corpus"}) {
    for (const char* value : {"3", "-1", "0.5", "true", "\"\"", "\"supervised\"", "[]", "[[]]", "[1]", "[\"a\", 1]", "{}", "{ plugin = 3 }", "[{ plugin = \"bm25\" }]", "[{}]", "{ a = [1] }"})
      expect_an_answer(study, kWhole, {std::string(path) + "=" + value});
  }
}

TEST(HostileExperiment, RandomDamage) {
  const MadeUpStudy study;
  std::mt19937 random(1);
  for (int round = 0; round < 600; ++round) {
    std::string text = kWhole;
    for (int edits = 1 + static_cast<int>(random() % 3); edits > 0; --edits) {
      const std::size_t at = random() % text.size(), length = random() % 12;
      const std::size_t from = random() % kWhole.size();
      switch (random() % 3) {
        case 0: text.erase(at, length); break;
        case 1: text.insert(at, kWhole.substr(from, length)); break;
        default: text[at] = static_cast<char>(random() % 256);
      }
    }
    expect_an_answer(study, text);
  }
}

TEST(HostileExperiment, DeepNesting) {
  const MadeUpStudy study;
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "[";
  expect_an_answer(study, kBeginning + kModel + "[sweep]\nepochs = " + deep + "\n");
  std::string dots = "a";
  for (int i = 0; i < 2000; ++i) dots += ".a";
  expect_an_answer(study, kBeginning + kModel + "[sweep]\n" + dots + " = [1]\n");
  expect_an_answer(study, kWhole, {dots + "=1"});
}

}  // namespace
}  // namespace temper::study
