// Which parameters a training changes.
#pragma once

#include <temper/strategy.h>
#include <temper/torch/headed_model.h>

namespace temper::training {

// Sets requires_grad on every parameter of the model. Throws Error when nothing would be trained or the model has fewer blocks.
void apply_tune(HeadedModel& model, const Tune& tune);

}  // namespace temper::training
