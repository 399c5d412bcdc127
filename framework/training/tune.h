// Which parameters a training changes.
#pragma once

#include <temper/strategy.h>
#include <temper/torch/headed_model.h>

namespace temper::training {

// Sets requires_grad on every parameter of the model, which gets its adapters for kLora, drawn from `seed`; adapters of an earlier
// phase with other options are merged first. Throws Error when nothing would be trained or the model has fewer blocks.
void apply_tune(HeadedModel& model, const Tune& tune, std::uint64_t seed = 0);

}  // namespace temper::training
