// See temper/label_prediction.h.
#include <temper/label_prediction.h>

#include <algorithm>

#include <temper/error.h>

namespace temper {

Prediction label_prediction(std::string id, const std::vector<std::string>& labels, std::vector<double> probabilities) {
  if (labels.empty()) throw Error("there is no label to answer with");
  if (probabilities.size() != labels.size()) {
    throw Error("a prediction has " + std::to_string(probabilities.size()) + " probabilities, the task has " + std::to_string(labels.size()) + " labels");
  }
  Prediction prediction;
  prediction.id = std::move(id);
  const auto best = std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin();
  prediction.value = Label{labels[static_cast<std::size_t>(best)]};
  prediction.probabilities = std::move(probabilities);
  return prediction;
}

}  // namespace temper
