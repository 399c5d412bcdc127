// The made-up trial on which the suite of strategies plays: up to three labels, a few rows, and a model that counts words.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <temper/strategy.h>

namespace temper::testing {

// A word that stands in the validation rows alone, and one for each test item alone.
inline constexpr const char* kValidationCanary = "canaryofvalidation";
std::string test_canary(std::size_t item);

using TextsAndLabels = std::vector<std::pair<std::string, std::string>>;
RowsInMemory made_split(const std::string& prefix, const TextsAndLabels& rows);
std::vector<Item> test_items();       // four, each with its canary
std::vector<Item> unmatched_items();  // no word, letter or passage of the train rows speaks for them; one is empty

struct StageSetup {
  std::uint64_t seed = 1;
  bool has_validation = true;
  std::vector<std::string> labels = {"fruit", "rock", "tree"};
  TextsAndLabels train = {{"red apple", "fruit"}, {"green pear", "fruit"}, {"ripe apple", "fruit"}, {"old oak", "tree"}, {"tall oak", "tree"}, {"grey stone", "rock"}};
};

// Training teaches the model which words go with which label. Untrained it reads what stands before an item: a label that is spelled
// there counts, the more the more words that block shares with the item, and every other text moves its answer a little.
class Stage final : public AdaptContext, public PredictContext {
 public:
  explicit Stage(StageSetup setup);

  const TaskInfo& task() const override { return task_; }
  const PromptFormat& format() const override { ++spellings; return *format_; }
  const Split& train() const override { return train_; }
  const Split* validation() const override { return setup_.has_validation ? &validation_ : nullptr; }
  std::uint64_t seed() const override { return setup_.seed; }
  void run_training(const TrainingPhase& phase) override;
  Embeddings embed(std::span<const Item> items, const EmbeddingOptions& options) override;
  std::shared_ptr<const Retriever> index(const PluginChoice& retriever, std::span<const Passage> corpus) override;
  std::vector<Prediction> answer(std::span<const Item> items, std::span<const Prompt> prompts, const AnswerOptions& options) override;

  int trainings = 0, questions = 0;     // how often the model was trained and asked
  mutable int spellings = 0;            // how often [prompt] was read
  bool prompts_did_not_fit = false;     // answer() was given another number of prompts than of items, and threw

 private:
  std::vector<double> scores(const Item& item, const Prompt* prompt);

  StageSetup setup_;
  TaskInfo task_;
  std::optional<PromptFormat> format_;
  RowsInMemory train_, validation_;
  std::map<std::string, std::map<std::string, double>> counts_;  // word, label
};

}  // namespace temper::testing
