// From the probabilities of a task's labels to the answer.
#pragma once

#include <string>
#include <vector>

#include <temper/item.h>

namespace temper {

// Answers the likeliest label, of equals the first in the task's order. `probabilities` has one per label, in that order. Throws Error for
// another number of them, and where there is no label to answer.
Prediction label_prediction(std::string id, const std::vector<std::string>& labels, std::vector<double> probabilities);

}  // namespace temper
