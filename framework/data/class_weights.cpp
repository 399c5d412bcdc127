// See class_weights.h.
#include "data/class_weights.h"

#include <algorithm>
#include <map>
#include <numeric>

#include <temper/error.h>

namespace temper::data {

namespace {

std::vector<double> balanced(std::span<const std::int64_t> counts) {
  const double items = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  const double present = static_cast<double>(std::count_if(counts.begin(), counts.end(), [](std::int64_t count) { return count > 0; }));
  std::vector<double> weights;
  for (const std::int64_t count : counts) weights.push_back(count > 0 ? items / (present * static_cast<double>(count)) : 1);  // of one that train lacks nobody asks
  return weights;
}

std::string unknown_label(const std::string& name, std::span<const std::string> labels) {
  const std::string meant = did_you_mean(name, {labels.begin(), labels.end()});
  if (!meant.empty()) return meant;
  constexpr std::size_t kMostLabels = 12;
  std::string all;
  for (std::size_t i = 0; i < std::min(labels.size(), kMostLabels); ++i) all += (all.empty() ? "\"" : ", \"") + labels[i] + '"';
  return "the labels are " + all + (labels.size() > kMostLabels ? ", ..." : "");
}

}  // namespace

std::vector<double> class_weights(const WordOrNumbers& asked, std::span<const std::string> labels, std::span<const std::int64_t> counts) {
  if (!asked.word.empty()) return asked.word == "balanced" ? balanced(counts) : std::vector<double>();
  std::vector<double> weights(labels.size(), 1);
  for (const auto& [name, weight] : asked.numbers) {
    const auto label = std::find(labels.begin(), labels.end(), name);
    if (label == labels.end()) throw Error("training.class_weights has a weight for \"" + name + "\", which is no label of the data", unknown_label(name, labels));
    weights[static_cast<std::size_t>(label - labels.begin())] = weight;
  }
  double sum = 0;
  for (std::size_t i = 0; i < labels.size() && i < counts.size(); ++i) sum += weights[i] * static_cast<double>(counts[i]);
  if (!(sum > 0)) throw Error("training.class_weights gives every label of the train split the weight 0, so nothing would be learned", "give one of them a weight above 0");
  return weights;
}

}  // namespace temper::data
