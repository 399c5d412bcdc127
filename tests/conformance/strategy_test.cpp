// A faulty strategy for each check of the suite, which finds just that.
#include <temper/testing/strategy.h>

#include <fstream>
#include <set>

#include <gtest/gtest.h>

namespace temper::testing {
namespace {

using Only = std::set<std::string>;

// Answers "fruit" with certainty where a model is not wanted; keeps one word on disk.
struct Sound : Strategy {
  Needs needs() const override { return {.model = false, .training = false, .prompt = false, .seed = false}; }
  std::string cannot(Task task) const override { return task == Task::kClassification ? "" : "it knows labels only"; }
  void adapt(AdaptContext&) override { answer = "fruit"; }
  std::vector<Prediction> predict(PredictContext& context, std::span<const Item> items) override {
    std::vector<Prediction> predictions;
    for (const Item& item : items) predictions.push_back(answered(item, context.task()));
    return predictions;
  }
  virtual Prediction answered(const Item& item, const TaskInfo& task) {
    Prediction prediction;
    prediction.id = item.id;
    prediction.value = Label{answer};
    for (const std::string& label : task.labels) prediction.probabilities.push_back(label == answer ? 1 : 0);
    return prediction;
  }
  void save(const std::filesystem::path& folder) const override { std::ofstream(folder / "answer") << answer; }
  void load(const std::filesystem::path& folder) override { std::ifstream(folder / "answer") >> answer; }
  std::string answer;
};

template <class Faulty>
Only broken() {
  Only names;
  for (const Failure& failure : strategy_failures([] { return std::make_unique<Faulty>(); })) names.insert(failure.check);
  return names;
}

TEST(StrategyConformance, FindsNothingWrongWithASoundOne) { EXPECT_EQ(broken<Sound>(), Only{}); }

TEST(StrategyConformance, FindsOneThatCanDoNothing) {
  struct Faulty : Sound { std::string cannot(Task) const override { return "not today"; } };
  EXPECT_EQ(broken<Faulty>(), Only{"says_what_it_can"});
}
TEST(StrategyConformance, FindsNeedsThatChange) {
  struct Faulty : Sound { Needs needs() const override { return {.model = false, .training = false, .prompt = !answer.empty(), .seed = false}; } };
  EXPECT_EQ(broken<Faulty>(), Only{"needs_stay"});
}
TEST(StrategyConformance, FindsTrainingThatWasNotAnnounced) {
  struct Faulty : Sound { void adapt(AdaptContext& context) override { Sound::adapt(context); context.run_training({}); } };
  EXPECT_EQ(broken<Faulty>(), Only{"trains_only_if_it_needs_to"});
}
TEST(StrategyConformance, FindsAModelThatWasNotAnnounced) {
  struct Faulty : Sound {
    std::vector<Prediction> predict(PredictContext& context, std::span<const Item> items) override { context.answer(items, {}, {}); return Sound::predict(context, items); }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"asks_only_a_model_it_needs"});
}
TEST(StrategyConformance, FindsAMissingPrediction) {
  struct Faulty : Sound {
    std::vector<Prediction> predict(PredictContext& context, std::span<const Item> items) override { return Sound::predict(context, items.empty() ? items : items.first(items.size() - 1)); }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"answers_every_item"});
}
TEST(StrategyConformance, FindsAnswersWithoutTheirIds) {
  struct Faulty : Sound { Prediction answered(const Item& item, const TaskInfo& task) override { Prediction p = Sound::answered(item, task); p.id = "x"; return p; } };
  EXPECT_EQ(broken<Faulty>(), Only{"answers_every_item"});
}
TEST(StrategyConformance, FindsAnAnswerThatIsNoLabel) {
  struct Faulty : Sound {
    Prediction answered(const Item& item, const TaskInfo& task) override {
      Prediction p = Sound::answered(item, task);
      if (task.labels.size() > 1) p.value = Label{"vegetable"}, p.probabilities.clear();
      return p;
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"answers_with_labels"});
}
TEST(StrategyConformance, FindsProbabilitiesThatAreNone) {
  struct Faulty : Sound { Prediction answered(const Item& item, const TaskInfo& task) override { Prediction p = Sound::answered(item, task); p.probabilities[0] = 2; return p; } };
  EXPECT_EQ(broken<Faulty>(), Only{"probabilities_are_such"});
}
TEST(StrategyConformance, FindsAnswersThatHangOnTheItemsBeside) {
  struct Faulty : Sound {
    std::vector<Prediction> predict(PredictContext& context, std::span<const Item> items) override {
      std::vector<Prediction> predictions = Sound::predict(context, items);
      if (items.size() == 1) predictions[0].value = Label{context.task().labels.back()}, predictions[0].probabilities.clear();
      return predictions;
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"answers_items_alone"});
}
TEST(StrategyConformance, FindsADifferenceBetweenTwoRuns) {
  struct Faulty : Sound {
    Faulty() : odd(++made() % 2 == 1) {}
    static int& made() { static int count = 0; return count; }
    Prediction answered(const Item& item, const TaskInfo& task) override {
      Prediction p = Sound::answered(item, task);
      if (odd && task.labels.size() > 1) p.value = Label{"tree"}, p.probabilities.clear();
      return p;
    }
    bool odd;
  };
  EXPECT_EQ(broken<Faulty>(), Only{"repeats_itself"});
}
TEST(StrategyConformance, FindsASeedThatWasNotAnnounced) {
  struct Faulty : Sound {
    void adapt(AdaptContext& context) override { answer = context.seed() == 1 || context.task().labels.size() == 1 ? "fruit" : "tree"; }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"uses_the_seed_it_needs"});
}
TEST(StrategyConformance, FindsOneThatStumblesOverASingleLabel) {
  struct Faulty : Sound {
    void adapt(AdaptContext& context) override {
      if (context.task().labels.size() < 2) throw Error("two labels are wanted");
      Sound::adapt(context);
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"takes_one_label"});
}
TEST(StrategyConformance, FindsASaveThatForgets) {
  struct Faulty : Sound { void save(const std::filesystem::path& folder) const override { std::ofstream(folder / "answer") << "rock"; } };
  EXPECT_EQ(broken<Faulty>(), Only{"reads_what_it_saved"});
}

}  // namespace
}  // namespace temper::testing
