// Random small experiment files expand to as many trials as counted by hand: an independent count, no code in common.
#include "study/study.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <set>

#include "support/made_up_study.h"

namespace temper::study {
namespace {

using temper::testing::MadeUpStudy;

class RandomExperiment {
 public:
  explicit RandomExperiment(unsigned seed) : random_(seed) {
    seeds_ = 1 + draw(3);
    text_ = "task = \"classification\"\nseeds = " + list(seeds_, [](int i) { return std::to_string(i + 10); }) +
            "\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\nvalidation = 0.1\n[model]\ncheckpoint = \"model\"\n";
    const bool sweep_first = draw(2) == 0;
    std::string sweep = "[sweep]\n";
    rates_ = axis(sweep, "learning_rate", [](int i) { return "1e-" + std::to_string(i + 3); });
    epochs_ = axis(sweep, draw(2) ? "epochs" : "num_train_epochs", [](int i) { return std::to_string(i + 1); });
    limits_ = axis(sweep, "dataset.limit.train", [](int i) { return std::to_string(10 * i + 10); });
    inputs_ = axis(sweep, "prompt.input", [](int i) { return "\"" + std::to_string(i) + " {text}\""; });
    std::string strategies;
    const int number = 1 + draw(4);
    for (int i = 0; i < number; ++i) strategies += strategy("s" + std::to_string(i));
    text_ += sweep_first ? sweep + strategies : strategies + sweep;
  }

  const std::string& text() const { return text_; }
  std::size_t trials() const { return trials_; }

 private:
  int draw(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  template <class Value>
  static std::string list(std::size_t size, Value value) {
    std::string text = "[";
    for (std::size_t i = 0; i < size; ++i) text += (i ? ", " : "") + value(static_cast<int>(i));
    return text + "]";
  }

  // Perhaps an axis; how many values the option has then.
  template <class Value>
  std::size_t axis(std::string& text, const std::string& name, Value value) {
    if (draw(2)) return 1;
    const std::size_t size = 1 + draw(3);
    text += name + " = " + list(size, value) + "\n";
    return size;
  }

  std::string strategy(const std::string& name) {
    std::string text = "[[strategy]]\nname = \"" + name + "\"\nplugin = ";
    std::size_t count = limits_;
    switch (draw(3)) {
      case 0: {  // reads everything
        text += "\"supervised\"\n";
        std::size_t rates = rates_;
        if (draw(2)) {  // its own value or list replaces the axis
          rates = draw(2) ? 1 : 1 + draw(3);
          text += "training = { learning_rate = " + (rates == 1 && draw(2) ? std::string("0.5") : list(rates, [](int i) { return "0." + std::to_string(i + 1); })) + " }\n";
        }
        const std::size_t ranks = axis(text, "lora.r", [](int i) { return std::to_string(i + 1); });
        count *= rates * epochs_ * inputs_ * ranks * seeds_;
        break;
      }
      case 1: {  // does not train; without shots it uses no seed
        text += "\"few_shot\"\n";
        const std::size_t shots = axis(text, "shots", [](int i) { return std::to_string(i); });
        const bool has_list = text.find("shots = [") != std::string::npos;
        const std::size_t runs = has_list ? 1 + (shots - 1) * seeds_ : seeds_;  // 0 shots first; by default 4
        count *= inputs_ * runs;
        break;
      }
      default:  // reads the data alone
        text += "\"majority\"\n";
    }
    trials_ += count;
    return text;
  }

  std::mt19937 random_;
  std::string text_;
  std::size_t seeds_ = 1, rates_ = 1, epochs_ = 1, limits_ = 1, inputs_ = 1, trials_ = 0;
};

TEST(ExpandProperty, RandomExperimentsHaveTheNumberOfTrialsThatIsCountedByHand) {
  const MadeUpStudy study;
  std::set<std::size_t> sizes;
  for (unsigned seed = 0; seed < 300; ++seed) {
    const RandomExperiment experiment(seed);
    const std::vector<Trial> trials = study.read(experiment.text()).trials;
    ASSERT_EQ(trials.size(), experiment.trials()) << experiment.text();
    std::set<std::string> identities;
    for (const Trial& trial : trials) identities.insert(trial.identity);
    ASSERT_EQ(identities.size(), trials.size()) << experiment.text();
    sizes.insert(trials.size());
  }
  EXPECT_GT(sizes.size(), 20u) << "the experiments are of many sizes";
}

TEST(ExpandProperty, RandomExperimentsReadBackFromTheirResolvedFile) {
  const MadeUpStudy study;
  for (unsigned seed = 300; seed < 400; ++seed) {
    const Study first = study.read(RandomExperiment(seed).text());
    const std::string resolved = resolved_toml(first.experiment);
    const Study second = study.read(resolved);
    ASSERT_EQ(resolved_toml(second.experiment), resolved);
    ASSERT_EQ(first.trials.size(), second.trials.size());
    for (std::size_t i = 0; i < first.trials.size(); ++i) ASSERT_EQ(first.trials[i].identity, second.trials[i].identity) << resolved;
  }
}

TEST(ExpandProperty, TenThousandTrialsArePlannedInTwoSeconds) {
  const MadeUpStudy study;
  std::string rates = "[1e-3", seeds = "[0";
  for (int i = 1; i < 100; ++i) {
    rates += ", " + std::to_string(i) + "e-5";
    seeds += ", " + std::to_string(i);
  }
  const std::string text = "task = \"classification\"\nseeds = " + seeds + "]\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[model]\ncheckpoint = \"model\"\n[sweep]\nlearning_rate = " + rates +
                           "]\n[[strategy]]\nplugin = \"supervised\"\n";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(study.read(text).trials.size(), 9900u + 100u);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << "ten times the promise, for a busy machine";
}

}  // namespace
}  // namespace temper::study
