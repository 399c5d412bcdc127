// A faulty strategy for each check of the suite, which finds just that.
#include <temper/testing/strategy.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include <temper/error.h>

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

// Puts solved rows of the train split before each item, one per label.
struct Shots : Strategy {
  Needs needs() const override { return {.model = true, .training = false, .prompt = true, .seed = false}; }
  std::string cannot(Task task) const override { return task == Task::kClassification ? "" : "it knows labels only"; }
  void adapt(AdaptContext& context) override {
    std::set<std::string> shown;
    for (std::size_t row = 0; row < context.train().size(); ++row) {
      const Target target = context.train().targets(row).front();
      if (shown.insert(to_string(target)).second) add(context, context.train().item(row), target);
    }
  }
  void add(StrategyContext& context, const Item& item, const Target& target) { blocks.push_back({item.id, context.format().input(item) + context.format().answer(target) + "\n"}); }
  std::vector<Prompt> prepare(StrategyContext&, std::span<const Item> items) override { return std::vector<Prompt>(items.size(), Prompt{blocks}); }
  void save(const std::filesystem::path& folder) const override {
    std::ofstream file(folder / "shots");
    for (const PromptBlock& block : blocks) file << block.id << '\n' << block.text;
  }
  void load(const std::filesystem::path& folder) override {
    std::ifstream file(folder / "shots");
    blocks.clear();
    for (std::string id, text; std::getline(file, id) && std::getline(file, text);) blocks.push_back({id, text + "\n"});
  }
  std::vector<PromptBlock> blocks;
};

// Reads a corpus when it adapts and puts all of it before each item.
struct Reader : Shots {
  explicit Reader(std::filesystem::path file) : corpus(std::move(file)) {}
  void adapt(AdaptContext&) override { read(); }
  void read() {
    std::ifstream file(corpus);
    if (!file) throw Error(corpus.string() + " cannot be read");
    blocks.clear();
    for (std::string line; std::getline(file, line);) blocks.push_back({"passage-" + std::to_string(blocks.size()), line + "\n"});
  }
  std::filesystem::path corpus;
};

Only names_of(const Failures& failures) {
  Only names;
  for (const Failure& failure : failures) names.insert(failure.check);
  return names;
}
template <class Faulty>
Only broken() {
  return names_of(strategy_failures([] { return std::make_unique<Faulty>(); }));
}
template <class Faulty>
Only broken_with_corpus() {
  return names_of(strategy_failures_with_corpus([](const std::filesystem::path& corpus) { return std::make_unique<Faulty>(corpus); }));
}

TEST(StrategyConformance, FindsNothingWrongWithASoundOne) { EXPECT_EQ(broken<Sound>(), Only{}); }
TEST(StrategyConformance, FindsNothingWrongWithOneThatShowsSolvedRows) { EXPECT_EQ(broken<Shots>(), Only{}); }
TEST(StrategyConformance, FindsNothingWrongWithOneThatReadsACorpus) { EXPECT_EQ(broken_with_corpus<Reader>(), Only{}); }

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
TEST(StrategyConformance, FindsOneThatGivesUp) {
  struct Faulty : Sound { void adapt(AdaptContext&) override { throw Error("too few rows"); } };
  EXPECT_EQ(broken<Faulty>(), Only{"does_its_task"});
}
TEST(StrategyConformance, FindsAPromptThatWasNotAnnounced) {
  struct Faulty : Sound { void adapt(AdaptContext& context) override { Sound::adapt(context); context.format().input(context.train().item(0)); } };
  EXPECT_EQ(broken<Faulty>(), Only{"reads_only_a_prompt_it_needs"});
}
TEST(StrategyConformance, FindsAMissingPrompt) {
  struct Faulty : Shots {
    std::vector<Prompt> prepare(StrategyContext& context, std::span<const Item> items) override { return Shots::prepare(context, items.empty() ? items : items.first(items.size() - 1)); }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"prompts_fit_items"});
}
TEST(StrategyConformance, FindsPromptsThatTheModelCannotTake) {
  struct Faulty : Shots {
    std::vector<Prediction> predict(PredictContext& context, std::span<const Item> items) override { return context.answer(items, std::vector<Prompt>(1), {}); }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"prompts_fit_items"});
}
TEST(StrategyConformance, FindsABlockThatStandsTwice) {
  struct Faulty : Shots { void adapt(AdaptContext& context) override { Shots::adapt(context); Shots::adapt(context); } };
  EXPECT_EQ(broken<Faulty>(), Only{"prompts_fit_items"});
}
TEST(StrategyConformance, FindsAShotOfTheValidationSplit) {
  struct Faulty : Shots {
    void adapt(AdaptContext& context) override {
      Shots::adapt(context);
      if (context.validation()) add(context, context.validation()->item(0), context.validation()->targets(0).front());
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"prepares_from_train_only"});
}
TEST(StrategyConformance, FindsAShotOfAnotherItemThatIsToBePredicted) {
  struct Faulty : Shots {
    std::vector<Prompt> prepare(StrategyContext& context, std::span<const Item> items) override {
      for (const Item& item : items) {
        if (seen.size() < 2) seen.push_back({item.id, context.format().input(item)});
      }
      return std::vector<Prompt>(items.size(), Prompt{seen});
    }
    std::vector<PromptBlock> seen;
  };
  EXPECT_EQ(broken<Faulty>(), Only{"prepares_from_train_only"});
}
TEST(StrategyConformance, FindsItemsThatAreKeptForLater) {
  struct Faulty : Sound {
    std::vector<Prediction> predict(PredictContext& context, std::span<const Item> items) override {
      for (const Item& item : items) seen += *item.fields.text(kTextField);
      return Sound::predict(context, items);
    }
    void save(const std::filesystem::path& folder) const override { Sound::save(folder); std::ofstream(folder / "seen") << seen; }
    std::string seen;
  };
  EXPECT_EQ(broken<Faulty>(), Only{"prepares_from_train_only"});
}
TEST(StrategyConformance, FindsOneThatStumblesOverASingleRow) {
  struct Faulty : Sound {
    void adapt(AdaptContext& context) override {
      if (context.train().size() < 2) throw Error("two rows are wanted");
      Sound::adapt(context);
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"takes_a_single_row"});
}
TEST(StrategyConformance, FindsOneThatStumblesOverAMissingValidationSplit) {
  struct Faulty : Sound {
    void adapt(AdaptContext& context) override {
      if (!context.validation()) throw Error("a validation split is wanted");
      Sound::adapt(context);
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"takes_no_validation"});
}
TEST(StrategyConformance, FindsOneThatStumblesOverAnItemWithoutWords) {
  struct Faulty : Sound {
    Prediction answered(const Item& item, const TaskInfo& task) override {
      Prediction p = Sound::answered(item, task);
      if (item.fields.text(kTextField)->empty()) p.probabilities[0] = std::nan("");
      return p;
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"takes_an_empty_retrieval"});
}
TEST(StrategyConformance, FindsOneThatStumblesOverACorpusOfOneDocument) {
  struct Faulty : Reader {
    using Reader::Reader;
    void adapt(AdaptContext& context) override {
      Reader::adapt(context);
      if (blocks.size() < 2) throw Error("two passages are wanted");
    }
  };
  EXPECT_EQ(broken_with_corpus<Faulty>(), Only{"takes_a_corpus_of_one"});
}
TEST(StrategyConformance, FindsASaveBesideItsFolder) {
  struct Faulty : Sound { void save(const std::filesystem::path& folder) const override { Sound::save(folder); std::ofstream(folder.parent_path() / "beside") << "more"; } };
  EXPECT_EQ(broken<Faulty>(), Only{"keeps_its_folder"});
}
TEST(StrategyConformance, FindsALoadThatReadsTheCorpusAgain) {
  struct Faulty : Reader {
    using Reader::Reader;
    void load(const std::filesystem::path&) override { read(); }
  };
  EXPECT_EQ(broken_with_corpus<Faulty>(), Only{"load_reads_no_paths"});
}

}  // namespace
}  // namespace temper::testing
