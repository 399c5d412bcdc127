// The conformance suite of strategies: the checks of temper/testing/strategy.h, in their order.
#include <temper/testing/strategy.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <optional>
#include <sstream>

#include <temper/registry.h>

#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

using Make = std::function<std::unique_ptr<Strategy>()>;

RowsInMemory made_split(const std::string& prefix, const std::vector<std::pair<std::string, std::string>>& rows) {
  RowsInMemory split;
  for (const auto& [text, label] : rows) {
    Item item{prefix + "-" + std::to_string(split.size()), {}};
    item.fields.set(kTextField, text);
    split.add(std::move(item), {Label{label}});
  }
  return split;
}

std::vector<std::string> words_of(const Item& item) {
  std::istringstream text(*item.fields.text(kTextField));
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  return words;
}

// What a strategy sees: three labels (or one), a train and a validation split, and a model that counts words.
class Stage final : public AdaptContext, public PredictContext {
 public:
  Stage(std::uint64_t seed, bool one_label) : seed_(seed) {
    std::vector<std::pair<std::string, std::string>> rows = {{"red apple", "fruit"}, {"green pear", "fruit"}, {"ripe apple", "fruit"}, {"old oak", "tree"},
                                                             {"tall oak", "tree"}, {"grey stone", "rock"}};
    if (one_label) rows = {{"red apple", "fruit"}, {"green pear", "fruit"}};
    train_ = made_split("train", rows);
    validation_ = made_split("validation", {{"sweet apple", "fruit"}});
    task_.labels = one_label ? std::vector<std::string>{"fruit"} : std::vector<std::string>{"fruit", "rock", "tree"};
    format_.emplace(PromptOptions(), task_);
  }

  const TaskInfo& task() const override { return task_; }
  const Split& train() const override { return train_; }
  const Split* validation() const override { return &validation_; }
  std::uint64_t seed() const override { return seed_; }

  void run_training(const TrainingPhase&) override {
    ++trainings;
    for (std::size_t row = 0; row < train_.size(); ++row) {
      for (const std::string& word : words_of(train_.item(row))) counts_[word][std::get<Label>(train_.targets(row).front()).name] += 1;
    }
  }

  const PromptFormat& format() const override { return *format_; }

  // A vector of letters' counts: enough to tell texts apart.
  Embeddings embed(std::span<const Item> items, const EmbeddingOptions& options) override {
    ++questions;
    Embeddings embeddings{static_cast<std::int64_t>(items.size()), 26, {}};
    for (const Item& item : items) {
      std::vector<float> counts(26, 0.0f);
      for (const char c : format_->input(item)) {
        if (c >= 'a' && c <= 'z') counts[static_cast<std::size_t>(c - 'a')] += 1;
      }
      float length = 0;
      for (const float count : counts) length += count * count;
      for (float& count : counts) count = options.normalize && length > 0 ? count / std::sqrt(length) : count;
      embeddings.values.insert(embeddings.values.end(), counts.begin(), counts.end());
    }
    return embeddings;
  }

  std::shared_ptr<const Retriever> index(const PluginChoice& retriever, std::span<const Passage> corpus) override {
    auto made = create_plugin<Retriever>(retriever);
    made->index(corpus);
    return made;
  }

  std::vector<Prediction> answer(std::span<const Item> items, std::span<const Prompt> prompts, const AnswerOptions&) override {
    ++questions;
    std::vector<Prediction> predictions;
    for (const Item& item : items) {
      // A little of the seed in each label's score, as random initialisation leaves it.
      std::vector<double> scores;
      for (std::size_t i = 0; i < task_.labels.size(); ++i) scores.push_back(0.1 + 0.01 * static_cast<double>((seed_ * 7 + i * 3) % 5));
      for (const std::string& word : words_of(item)) {
        for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += counts_[word][task_.labels[i]];
      }
      double total = 0;
      for (const double score : scores) total += score;
      for (double& score : scores) score /= total;
      Prediction& prediction = predictions.emplace_back();
      prediction.id = item.id;
      prediction.value = Label{task_.labels[static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin())]};
      prediction.probabilities = scores;
    }
    return predictions;
  }

  int trainings = 0, questions = 0;

 private:
  std::uint64_t seed_;
  TaskInfo task_;
  std::optional<PromptFormat> format_;
  RowsInMemory train_, validation_;
  std::map<std::string, std::map<std::string, double>> counts_;
};

std::vector<Item> test_items() {
  const RowsInMemory split = made_split("test", {{"green apple", ""}, {"old stone", ""}, {"tall tree", ""}, {"nothing known", ""}});
  std::vector<Item> items;
  for (std::size_t row = 0; row < split.size(); ++row) items.push_back(split.item(row));
  return items;
}

std::string shown(const std::vector<Prediction>& predictions) {
  std::ostringstream text;
  text.precision(17);
  for (const Prediction& prediction : predictions) {
    text << prediction.id << ' ' << to_string(prediction.value);
    for (const double p : prediction.probabilities) text << ' ' << p;
    text << '\n';
  }
  return text.str();
}

bool same(const Needs& a, const Needs& b) { return a.model == b.model && a.training == b.training && a.prompt == b.prompt && a.seed == b.seed; }

class Checks {
 public:
  Checks(const Make& make, Failures& failures) : make_(make), failures_(failures) {}

  void run() {
    check_tasks();
    const auto strategy = make_();
    if (!strategy->cannot(Task::kClassification).empty()) return;  // the stage holds classification only
    const Needs needs = strategy->needs();
    Stage stage(1, false);
    strategy->adapt(stage);
    if (!same(needs, strategy->needs())) fail("needs_stay", "needs() differs before and after adapt");
    if (needs.training != (stage.trainings > 0)) {
      fail("trains_only_if_it_needs_to", "needs().training is " + std::string(needs.training ? "true" : "false") + ", run_training was called " + std::to_string(stage.trainings) + " times");
    }
    const std::vector<Item> items = test_items();
    const std::vector<Prediction> predictions = strategy->predict(stage, items);
    if (!needs.model && stage.questions > 0) fail("asks_only_a_model_it_needs", "needs().model is false, the model was asked");
    if (!check_answers(items, predictions, *strategy, stage)) return;
    check_labels(predictions, stage.task());
    check_probabilities(predictions, stage.task());
    check_alone(items, predictions, *strategy, stage);
    const bool repeats = check_repetition(items, predictions, needs);
    check_one_label(items);
    if (repeats) check_saving(items, predictions, *strategy, stage);
  }

 private:
  void fail(const std::string& check, const std::string& what) { failures_.push_back({check, what}); }

  void check_tasks() {
    int possible = 0;
    for (int task = 0; task <= static_cast<int>(Task::kLanguageModeling); ++task) possible += make_()->cannot(static_cast<Task>(task)).empty() ? 1 : 0;
    if (possible == 0) fail("says_what_it_can", "it can do no task at all");
  }

  bool check_answers(const std::vector<Item>& items, const std::vector<Prediction>& predictions, Strategy& strategy, Stage& stage) {
    const std::size_t before = failures_.size();
    if (predictions.size() != items.size()) {
      fail("answers_every_item", std::to_string(predictions.size()) + " predictions for " + std::to_string(items.size()) + " items");
      return false;
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (predictions[i].id == items[i].id) continue;
      fail("answers_every_item", "prediction " + std::to_string(i) + " has the id \"" + predictions[i].id + "\", the item's is \"" + items[i].id + "\"");
      break;
    }
    if (!strategy.predict(stage, {}).empty()) fail("answers_every_item", "there are predictions for no items");
    return failures_.size() == before;
  }

  void check_labels(const std::vector<Prediction>& predictions, const TaskInfo& task) {
    for (const Prediction& prediction : predictions) {
      const auto* label = std::get_if<Label>(&prediction.value);
      if (label && std::find(task.labels.begin(), task.labels.end(), label->name) != task.labels.end()) continue;
      return fail("answers_with_labels", "the answer to " + prediction.id + " is \"" + to_string(prediction.value) + "\", no label of the task");
    }
  }

  void check_probabilities(const std::vector<Prediction>& predictions, const TaskInfo& task) {
    for (const Prediction& prediction : predictions) {
      if (prediction.probabilities.empty()) continue;
      double total = 0, largest = 0, own = 0;
      for (std::size_t i = 0; i < prediction.probabilities.size() && i < task.labels.size(); ++i) {
        total += prediction.probabilities[i];
        largest = std::max(largest, prediction.probabilities[i]);
        if (task.labels[i] == to_string(prediction.value)) own = prediction.probabilities[i];
      }
      const bool is_known = std::find(task.labels.begin(), task.labels.end(), to_string(prediction.value)) != task.labels.end();
      if (prediction.probabilities.size() == task.labels.size() && std::abs(total - 1) < 1e-6 && (!is_known || own == largest)) continue;
      return fail("probabilities_are_such", std::to_string(prediction.probabilities.size()) + " probabilities with sum " + std::to_string(total) + " for " +
                                                std::to_string(task.labels.size()) + " labels; the answer's is " + std::to_string(own) + ", the largest " + std::to_string(largest));
    }
  }

  void check_alone(const std::vector<Item>& items, const std::vector<Prediction>& predictions, Strategy& strategy, Stage& stage) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::vector<Prediction> alone = strategy.predict(stage, std::span(items).subspan(i, 1));
      if (shown(alone) == shown({predictions[i]})) continue;
      return fail("answers_items_alone", "together:\n" + shown({predictions[i]}) + "alone:\n" + shown(alone));
    }
  }

  std::vector<Prediction> whole(const std::vector<Item>& items, std::uint64_t seed) {
    const auto strategy = make_();
    Stage stage(seed, false);
    strategy->adapt(stage);
    return strategy->predict(stage, items);
  }

  bool check_repetition(const std::vector<Item>& items, const std::vector<Prediction>& predictions, const Needs& needs) {
    if (shown(whole(items, 1)) != shown(predictions)) {
      fail("repeats_itself", "first:\n" + shown(predictions) + "then:\n" + shown(whole(items, 1)));
      return false;
    }
    if (!needs.seed && shown(whole(items, 2)) != shown(predictions)) fail("uses_the_seed_it_needs", "needs().seed is false, another seed changes the answers");
    return true;
  }

  void check_one_label(const std::vector<Item>& items) {
    const auto strategy = make_();
    Stage stage(1, true);
    try {
      strategy->adapt(stage);
      for (const Prediction& prediction : strategy->predict(stage, items)) {
        if (to_string(prediction.value) != "fruit") return fail("takes_one_label", "the answer is \"" + to_string(prediction.value) + "\", the only label is \"fruit\"");
      }
    } catch (const Error& error) {
      fail("takes_one_label", error.what());
    }
  }

  void check_saving(const std::vector<Item>& items, const std::vector<Prediction>& predictions, const Strategy& strategy, Stage& stage) {
    const TemporaryFolder folder;
    const auto loaded = make_();
    try {
      strategy.save(folder.path());
      loaded->load(folder.path());
      const std::vector<Prediction> again = loaded->predict(stage, items);  // the framework saves the model itself
      if (shown(again) != shown(predictions)) fail("reads_what_it_saved", "before:\n" + shown(predictions) + "after:\n" + shown(again));
    } catch (const Error& error) {
      fail("reads_what_it_saved", error.what());
    }
  }

  const Make& make_;
  Failures& failures_;
};

}  // namespace

Failures strategy_failures(const std::function<std::unique_ptr<Strategy>()>& make) {
  Failures failures;
  Checks(make, failures).run();
  return failures;
}

}  // namespace temper::testing
