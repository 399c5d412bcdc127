// The conformance suite of strategies: the checks of temper/testing/strategy.h, in their order.
#include <temper/testing/strategy.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include <temper/error.h>

#include "conformance/strategy_stage.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;
using Make = std::function<std::unique_ptr<Strategy>(const fs::path& corpus)>;
using Trouble = std::optional<Failure>;  // none: all is well

const char* const kCorpus =
    "{\"id\": \"passage-1\", \"text\": \"an apple is a fruit and so is a pear\"}\n"
    "{\"id\": \"passage-2\", \"text\": \"an oak is a tall tree\"}\n"
    "{\"id\": \"passage-3\", \"text\": \"granite is a rock or stone\"}\n"
    "{\"id\": \"passage-4\", \"text\": \"green leaves grow on a tree\"}\n";
const char* const kCorpusOfOne = "{\"id\": \"passage-1\", \"text\": \"an apple is a fruit\"}\n";

std::string shown(const std::vector<Prediction>& predictions) {
  std::ostringstream text;
  text.precision(17);
  for (const Prediction& prediction : predictions) {
    text << prediction.id << ' ' << to_string(prediction.value);
    for (const double p : prediction.probabilities) text << ' ' << p;
    for (const std::string& id : prediction.used_ids) text << " used " << id;
    text << '\n';
  }
  return text.str();
}

std::string shown(const std::vector<Prompt>& prompts) {
  std::string text;
  for (const Prompt& prompt : prompts) {
    text += "prompt\n";
    for (const PromptBlock& block : prompt.blocks) text += "  " + block.id + ": " + block.text + '\n';
  }
  return text;
}

bool same(const Needs& a, const Needs& b) { return a.model == b.model && a.training == b.training && a.prompt == b.prompt && a.seed == b.seed && a.unread == b.unread; }

Trouble every_item_is_answered(const std::vector<Item>& items, const std::vector<Prediction>& predictions) {
  if (predictions.size() != items.size()) return Failure{"answers_every_item", std::to_string(predictions.size()) + " predictions for " + std::to_string(items.size()) + " items"};
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (predictions[i].id != items[i].id) return Failure{"answers_every_item", "prediction " + std::to_string(i) + " has the id \"" + predictions[i].id + "\", the item's is \"" + items[i].id + "\""};
  }
  return {};
}

Trouble answers_are_labels(const std::vector<Prediction>& predictions, const TaskInfo& task) {
  for (const Prediction& prediction : predictions) {
    const auto* label = std::get_if<Label>(&prediction.value);
    if (label && std::find(task.labels.begin(), task.labels.end(), label->name) != task.labels.end()) continue;
    return Failure{"answers_with_labels", "the answer to " + prediction.id + " is \"" + to_string(prediction.value) + "\", no label of the task"};
  }
  return {};
}

Trouble probabilities_are_such(const std::vector<Prediction>& predictions, const TaskInfo& task) {
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
    return Failure{"probabilities_are_such", std::to_string(prediction.probabilities.size()) + " probabilities with sum " + std::to_string(total) + " for " +
                                                 std::to_string(task.labels.size()) + " labels; the answer's is " + std::to_string(own) + ", the largest " + std::to_string(largest)};
  }
  return {};
}

// Names, sizes and contents of what lies in a folder, but for one folder in it.
std::map<std::string, std::string> contents(const fs::path& folder, const fs::path& without) {
  std::map<std::string, std::string> found;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator(); ++entry) {
    if (entry->path() == without) entry.disable_recursion_pending();
    else if (!entry->is_regular_file()) found[entry->path().string()] = "a folder";
    else {
      std::ifstream file(entry->path(), std::ios::binary);
      found[entry->path().string()] = std::string{std::istreambuf_iterator<char>(file), {}};
    }
  }
  return found;
}

class Checks {
 public:
  Checks(const Make& make, bool has_corpus, Failures& failures) : make_(make), has_corpus_(has_corpus), failures_(failures), corpus_(folder_.write("corpus.jsonl", kCorpus)) {}

  void run() {
    check_tasks();
    const auto strategy = make();
    if (!strategy->cannot(Task::kClassification).empty()) return;  // the stage holds classification only
    Stage stage({});
    try {
      run_on(stage, *strategy);
    } catch (const Error& error) {
      if (stage.prompts_did_not_fit) fail("prompts_fit_items", error.what());
      else fail("does_its_task", error.what());
    }
  }

 private:
  std::unique_ptr<Strategy> make() const { return make_(corpus_); }
  void fail(const std::string& check, const std::string& what) { failures_.push_back({check, what}); }
  bool holds(const Trouble& trouble) {
    if (trouble) failures_.push_back(*trouble);
    return !trouble;
  }

  void run_on(Stage& stage, Strategy& strategy) {
    const Needs needs = strategy.needs();
    strategy.adapt(stage);
    if (!same(needs, strategy.needs())) fail("needs_stay", "needs() differs before and after adapt");
    if (needs.training != (stage.trainings > 0)) {
      fail("trains_only_if_it_needs_to", "needs().training is " + std::string(needs.training ? "true" : "false") + ", run_training was called " + std::to_string(stage.trainings) + " times");
    }
    const std::vector<Item> items = test_items();
    if (!check_prompts(items, strategy, stage)) return;
    const std::vector<Prediction> predictions = strategy.predict(stage, items);
    if (!needs.model && stage.questions > 0) fail("asks_only_a_model_it_needs", "needs().model is false, the model was asked");
    else if (!needs.prompt && stage.spellings > 0) fail("reads_only_a_prompt_it_needs", "needs().prompt is false, items were spelled as [prompt] says");
    if (!holds(every_item_is_answered(items, predictions))) return;
    if (!strategy.predict(stage, {}).empty()) return fail("answers_every_item", "there are predictions for no items");
    holds(answers_are_labels(predictions, stage.task()));
    holds(probabilities_are_such(predictions, stage.task()));
    check_alone(items, predictions, strategy, stage);
    const bool repeats = check_repetition(items, predictions, needs);
    check_small_data(items);
    if (repeats) check_saving(items, predictions, strategy, stage);
  }

  void check_tasks() {
    int possible = 0;
    for (int task = 0; task <= static_cast<int>(Task::kLanguageModeling); ++task) possible += make()->cannot(static_cast<Task>(task)).empty() ? 1 : 0;
    if (possible == 0) fail("says_what_it_can", "it can do no task at all");
  }

  bool check_prompts(const std::vector<Item>& items, Strategy& strategy, Stage& stage) {
    const std::vector<Prompt> prompts = strategy.prepare(stage, items);
    const auto misfit = [&](const std::string& what) { fail("prompts_fit_items", what); return false; };
    if (prompts.size() != items.size()) return misfit(std::to_string(prompts.size()) + " prompts for " + std::to_string(items.size()) + " items");
    if (!strategy.prepare(stage, {}).empty()) return misfit("there are prompts for no items");
    for (std::size_t i = 0; i < items.size(); ++i) {
      std::set<std::string> ids;
      for (const PromptBlock& block : prompts[i].blocks) {
        if (block.id.empty()) return misfit("a block has no id: " + block.text);
        if (!ids.insert(block.id).second) return misfit("the block \"" + block.id + "\" stands twice in a prompt");
      }
      const std::vector<Prompt> alone = strategy.prepare(stage, std::span(items).subspan(i, 1));
      if (shown(alone) != shown(std::vector<Prompt>{prompts[i]})) return misfit("together:\n" + shown(std::vector<Prompt>{prompts[i]}) + "alone:\n" + shown(alone));
    }
    return check_sources(items, prompts, stage);
  }

  // What the blocks were made from.
  bool check_sources(const std::vector<Item>& items, const std::vector<Prompt>& prompts, const Stage& stage) {
    const auto leaks = [&](const PromptBlock& block, const std::string& from) {
      fail("prepares_from_train_only", "a block holds " + from + ": " + block.id + ": " + block.text);
      return false;
    };
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      for (const PromptBlock& block : prompts[i].blocks) {
        if (block.text.find(kValidationCanary) != std::string::npos || block.id == stage.validation()->item(0).id) return leaks(block, "a row of the validation split");
        for (std::size_t j = 0; j < items.size(); ++j) {
          if (j != i && block.text.find(test_canary(j)) != std::string::npos) return leaks(block, "another item that is to be predicted");
        }
      }
    }
    return true;
  }

  void check_alone(const std::vector<Item>& items, const std::vector<Prediction>& predictions, Strategy& strategy, Stage& stage) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::vector<Prediction> alone = strategy.predict(stage, std::span(items).subspan(i, 1));
      if (shown(alone) == shown({predictions[i]})) continue;
      return fail("answers_items_alone", "together:\n" + shown({predictions[i]}) + "alone:\n" + shown(alone));
    }
  }

  std::vector<Prediction> whole(const std::vector<Item>& items, StageSetup setup) {
    const auto strategy = make();
    Stage stage(std::move(setup));
    strategy->adapt(stage);
    return strategy->predict(stage, items);
  }

  bool check_repetition(const std::vector<Item>& items, const std::vector<Prediction>& predictions, const Needs& needs) {
    const std::string again = shown(whole(items, {}));
    if (again != shown(predictions)) {
      fail("repeats_itself", "first:\n" + shown(predictions) + "then:\n" + again);
      return false;
    }
    if (!needs.seed && shown(whole(items, {.seed = 2})) != shown(predictions)) fail("uses_the_seed_it_needs", "needs().seed is false, another seed changes the answers");
    return true;
  }

  // Adapts and predicts on little data; whatever is wrong then is the failure of one check.
  void check_answers(const std::string& check, const std::vector<Item>& items, const StageSetup& setup, const std::string& only_answer = {}) {
    try {
      const std::vector<Prediction> predictions = whole(items, setup);
      const TaskInfo task{Task::kClassification, setup.labels};
      for (const Trouble& trouble : {every_item_is_answered(items, predictions), answers_are_labels(predictions, task), probabilities_are_such(predictions, task)}) {
        if (trouble) return fail(check, trouble->check + ": " + trouble->what);
      }
      for (const Prediction& prediction : predictions) {
        if (!only_answer.empty() && to_string(prediction.value) != only_answer) return fail(check, "the answer is \"" + to_string(prediction.value) + "\", the only label is \"" + only_answer + "\"");
      }
    } catch (const Error& error) {
      fail(check, error.what());
    }
  }

  void check_small_data(const std::vector<Item>& items) {
    if (!failures_.empty()) return;  // they would only be found again
    check_answers("takes_one_label", items, {.labels = {"fruit"}, .train = {{"red apple", "fruit"}, {"green pear", "fruit"}}}, "fruit");
    check_answers("takes_a_single_row", items, {.train = {{"red apple", "fruit"}}});
    check_answers("takes_no_validation", items, {.has_validation = false});
    check_answers("takes_an_empty_retrieval", unmatched_items(), {});
    if (!has_corpus_) return;
    folder_.write("corpus.jsonl", kCorpusOfOne);
    check_answers("takes_a_corpus_of_one", items, {});
    folder_.write("corpus.jsonl", kCorpus);
  }

  void check_saving(const std::vector<Item>& items, const std::vector<Prediction>& predictions, const Strategy& strategy, Stage& stage) {
    const fs::path saved = folder_ / "saved";
    fs::create_directory(saved);
    const auto around = contents(folder_.path(), saved);
    const auto here = contents_here();
    std::string check = "reads_what_it_saved";
    try {
      strategy.save(saved);
      if (!loads_alike(check, saved, items, predictions, stage)) return;
      if (contents(folder_.path(), saved) != around || contents_here() != here) fail("keeps_its_folder", "files beside the folder that it saves into, or in the current one, have changed");
      for (const auto& [file, text] : contents(saved, {})) {
        for (std::size_t i = 0; i < items.size(); ++i) {
          if (text.find(test_canary(i)) != std::string::npos) return fail("prepares_from_train_only", fs::path(file).filename().string() + ", which it saved, holds the text of an item that was predicted");
        }
      }
      if (!has_corpus_) return;
      check = "load_reads_no_paths";
      fs::remove(corpus_);
      loads_alike(check, saved, items, predictions, stage);
    } catch (const Error& error) {
      fail(check, error.what());
    }
  }

  // The framework saves the model itself: the stage stands for it.
  bool loads_alike(const std::string& check, const fs::path& saved, const std::vector<Item>& items, const std::vector<Prediction>& predictions, Stage& stage) {
    const auto loaded = make();
    loaded->load(saved);
    const std::string again = shown(loaded->predict(stage, items));
    if (again == shown(predictions)) return true;
    fail(check, "before:\n" + shown(predictions) + "after:\n" + again);
    return false;
  }

  static std::set<std::string> contents_here() {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(fs::current_path())) names.insert(entry.path().filename().string());
    return names;
  }

  const Make& make_;
  bool has_corpus_;
  Failures& failures_;
  TemporaryFolder folder_;
  fs::path corpus_;
};

}  // namespace

Failures strategy_failures(const std::function<std::unique_ptr<Strategy>()>& make) {
  Failures failures;
  Checks([&](const fs::path&) { return make(); }, false, failures).run();
  return failures;
}

Failures strategy_failures_with_corpus(const std::function<std::unique_ptr<Strategy>(const fs::path& corpus)>& make) {
  Failures failures;
  Checks(make, true, failures).run();
  return failures;
}

}  // namespace temper::testing
