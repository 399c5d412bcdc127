// training.class_weights as a number for each label: how much an item of it weighs in the loss that is trained on.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <temper/word_or_numbers.h>

namespace temper::data {

// In the order of `labels`; empty where all weigh the same. `counts`: the train items of each label. "balanced" is scikit-learn's: items
// / (labels x items of the label), over the labels that train has; in a table, labels that it does not name weigh 1. Throws Error for a
// name that is no label, and for weights that leave nothing to learn. Only ratios matter: the loss of a step is divided by its weights.
std::vector<double> class_weights(const WordOrNumbers& asked, std::span<const std::string> labels, std::span<const std::int64_t> counts);

}  // namespace temper::data
