// Tasks of a sequence as a whole: one label, several labels, a number.
#include <cmath>

#include <temper/label_prediction.h>

#include "inference/classify.h"
#include "study/tasks/task_work.h"

namespace temper::study {

namespace {

// The largest class, and the probabilities of all.
class Classification final : public TaskWork {
 public:
  explicit Classification(const TaskInfo& task) : labels_(task.labels) {}
  Prediction answer(const Item&, const ItemLogits& said) const override {
    const std::vector<float>& logits = said.logits.front();
    Prediction prediction = label_prediction({}, labels_, inference::probabilities(logits));
    prediction.logits.assign(logits.begin(), logits.end());
    return prediction;
  }

 private:
  std::vector<std::string> labels_;
};

// Each label that is likelier than not, by itself.
class MultiLabel final : public TaskWork {
 public:
  explicit MultiLabel(const TaskInfo& task) : labels_(task.labels) {}
  Prediction answer(const Item&, const ItemLogits& said) const override {
    Prediction prediction;
    Labels chosen;
    for (std::size_t i = 0; i < said.logits.front().size(); ++i) {
      const double logit = said.logits.front()[i];
      prediction.logits.push_back(logit);
      prediction.probabilities.push_back(1 / (1 + std::exp(-logit)));
      if (prediction.probabilities.back() > 0.5) chosen.names.push_back(labels_.at(i));
    }
    prediction.value = std::move(chosen);
    return prediction;
  }

 private:
  std::vector<std::string> labels_;
};

class Regression final : public TaskWork {
 public:
  Prediction answer(const Item&, const ItemLogits& said) const override {
    Prediction prediction;
    prediction.value = Score{said.logits.front().at(0)};
    prediction.logits = {said.logits.front().at(0)};
    return prediction;
  }
};

}  // namespace

std::unique_ptr<TaskWork> classification(const TaskInfo& task) { return std::make_unique<Classification>(task); }
std::unique_ptr<TaskWork> multi_label(const TaskInfo& task) { return std::make_unique<MultiLabel>(task); }
std::unique_ptr<TaskWork> regression() { return std::make_unique<Regression>(); }

}  // namespace temper::study
