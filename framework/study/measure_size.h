// Finds out how large a trial is without running it: its strategy adapts in a context that notes what it would train.
#pragma once

#include <string>
#include <variant>

#include "study/trial.h"
#include "study/trial_size.h"

namespace temper::registry {
class Registry;
}

namespace temper::study {

class TrialInputs;

// Of a trial that trains. A sample of the rows is tokenized where there are many. Empty, with `why`, where it cannot be known before
// the trial runs: it goes on from another one, or its strategy asks the model for something else than training.
struct MeasuredSize {
  std::optional<TrialSize> size;
  std::string why;
};
// Throws what opening model and data throws.
MeasuredSize measure_size(const Trial& trial, TrialInputs& inputs, const registry::Registry& registry, int threads);

// Operations per second of a matrix product with this many threads, of a size that training has; measured for a tenth of a second.
double product_rate(bool bf16, int threads);

}  // namespace temper::study
