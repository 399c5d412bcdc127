// The objective of answers: what chooses among trials that did not train, and so have no curves.
#pragma once

#include <span>
#include <string>

#include <temper/item.h>
#include <temper/task.h>

#include "evaluation/score.h"

namespace temper::study {

// `objective` is validation_loss (the mean negative log of the probability that an answer gave to its reference, in nats, as the loss
// of a trained classifier is) or validation_ and a metric's value. NaN where the answers do not tell it: without probabilities there
// is no loss. `targets` holds one element per prediction.
double predicted_objective(const std::string& objective, const TaskInfo& task, const evaluation::MetricSet& metrics, std::span<const Prediction> predictions,
                           std::span<const Targets> targets);

}  // namespace temper::study
