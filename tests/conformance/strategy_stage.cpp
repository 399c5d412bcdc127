// The stage's rows, and its model.
#include "conformance/strategy_stage.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include <temper/error.h>
#include <temper/registry.h>

namespace temper::testing {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

const std::string& text_of(const Item& item) { return *item.fields.text(kTextField); }

}  // namespace

std::string test_canary(std::size_t item) { return "canaryoftest" + std::string(1, static_cast<char>('a' + item)); }

RowsInMemory made_split(const std::string& prefix, const TextsAndLabels& rows) {
  RowsInMemory split;
  for (const auto& [text, label] : rows) {
    Item item{prefix + "-" + std::to_string(split.size()), {}};
    item.fields.set(kTextField, text);
    split.add(std::move(item), {Label{label}});
  }
  return split;
}

namespace {

std::vector<Item> items_of(const std::string& prefix, const std::vector<std::string>& texts) {
  std::vector<Item> items;
  for (const std::string& text : texts) {
    items.push_back({prefix + "-" + std::to_string(items.size()), {}});
    items.back().fields.set(kTextField, text);
  }
  return items;
}

}  // namespace

std::vector<Item> test_items() {
  std::vector<std::string> texts = {"green apple", "old stone", "tall tree", "nothing known"};
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i] += " " + test_canary(i);
  return items_of("test", texts);
}

std::vector<Item> unmatched_items() { return items_of("unmatched", {"", "zzz", "?!", "\xE6\xB0\xB4"}); }

Stage::Stage(StageSetup setup) : setup_(std::move(setup)) {
  train_ = made_split("train", setup_.train);
  validation_ = made_split("validation", {{std::string("sweet apple ") + kValidationCanary, setup_.labels.front()}});
  task_.labels = setup_.labels;
  format_.emplace(PromptOptions(), task_);
}

void Stage::run_training(const TrainingPhase&) {
  ++trainings;
  for (std::size_t row = 0; row < train_.size(); ++row) {
    for (const std::string& word : words_of(text_of(train_.item(row)))) counts_[word][std::get<Label>(train_.targets(row).front()).name] += 1;
  }
}

// A vector of letters' counts: enough to tell texts apart.
Embeddings Stage::embed(std::span<const Item> items, const EmbeddingOptions& options) {
  ++questions;
  ++spellings;
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

std::shared_ptr<const Retriever> Stage::index(const PluginChoice& retriever, std::span<const Passage> corpus) {
  auto made = create_plugin<Retriever>(retriever);
  made->index(corpus);
  return made;
}

std::vector<double> Stage::scores(const Item& item, const Prompt* prompt) {
  std::vector<double> scores;
  // A little of the seed in each label's score, as the random start of a trained head leaves it.
  for (std::size_t i = 0; i < task_.labels.size(); ++i) scores.push_back(0.1 + (trainings > 0 ? 0.01 * static_cast<double>((setup_.seed * 7 + i * 3) % 5) : 0.0));
  const std::vector<std::string> own = words_of(format_->input(item));
  for (const std::string& word : own) {
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += counts_[word][task_.labels[i]];
  }
  if (!prompt) return scores;
  double weight = 1;  // a later block stands nearer to the item
  for (const PromptBlock& block : prompt->blocks) {
    const std::vector<std::string> read = words_of(block.text);
    const auto shared = std::count_if(own.begin(), own.end(), [&](const std::string& word) { return std::find(read.begin(), read.end(), word) != read.end(); });
    std::uint64_t trace = 0;
    for (const char c : block.text) trace = trace * 31 + static_cast<unsigned char>(c);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const auto spelled = words_of(format_->choices()[i]);
      const auto found = spelled.empty() ? 0 : std::count(read.begin(), read.end(), spelled.front());
      scores[i] += weight * static_cast<double>(found * (1 + shared)) + 0.001 * static_cast<double>((trace + i * 3) % 7);
    }
    weight += 0.01;
  }
  return scores;
}

std::vector<Prediction> Stage::answer(std::span<const Item> items, std::span<const Prompt> prompts, const AnswerOptions&) {
  ++questions;
  ++spellings;
  if (!prompts.empty() && prompts.size() != items.size()) {
    prompts_did_not_fit = true;
    throw Error("the model was given " + std::to_string(prompts.size()) + " prompts for " + std::to_string(items.size()) + " items");
  }
  std::vector<Prediction> predictions;
  for (std::size_t row = 0; row < items.size(); ++row) {
    std::vector<double> shares = scores(items[row], prompts.empty() ? nullptr : &prompts[row]);
    double total = 0;
    for (const double share : shares) total += share;
    for (double& share : shares) share /= total;
    Prediction& prediction = predictions.emplace_back();
    prediction.id = items[row].id;
    prediction.value = Label{task_.labels[static_cast<std::size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin())]};
    if (!prompts.empty()) {
      for (const PromptBlock& block : prompts[row].blocks) prediction.used_ids.push_back(block.id);
    }
    prediction.probabilities = std::move(shares);
  }
  return predictions;
}

}  // namespace temper::testing
