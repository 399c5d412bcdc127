// A tag per word: the likeliest class at the word's first token; "O" for words that were cut off.
#include <algorithm>

#include "study/tasks/task_work.h"

namespace temper::study {

namespace {

class TokenClassification final : public TaskWork {
 public:
  explicit TokenClassification(const TaskInfo& task) : labels_(task.labels) {}

  Prediction answer(const Item&, const ItemLogits& said) const override {
    const std::size_t width = labels_.size();
    Tags tags;
    for (const std::int32_t row : said.readings.front().rows) {
      if (row < 0) {
        tags.names.push_back("O");
        continue;
      }
      const auto begin = said.logits.front().begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(row) * width);
      tags.names.push_back(labels_.at(static_cast<std::size_t>(std::max_element(begin, begin + static_cast<std::ptrdiff_t>(width)) - begin)));
    }
    Prediction prediction;
    prediction.value = std::move(tags);
    if (!said.logits.empty()) prediction.logits.assign(said.logits.front().begin(), said.logits.front().end());
    return prediction;
  }

 private:
  std::vector<std::string> labels_;
};

}  // namespace

std::unique_ptr<TaskWork> token_classification(const TaskInfo& task) { return std::make_unique<TokenClassification>(task); }

}  // namespace temper::study
