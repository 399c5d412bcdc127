// See kept_model.h.
#include "study/kept_model.h"

#include <ATen/core/Tensor.h>

#include "study/trial_model.h"

namespace temper::study {

KeptModel keep_model(const std::string& key, std::shared_ptr<TrialModel> model, std::uint64_t seed) {
  KeptModel kept{key, std::move(model), seed, {}};
  for (const Parameter& parameter : kept.model->loaded.model.parameters().all()) kept.versions.push_back(parameter.tensor._version());
  return kept;
}

bool take_over(KeptModel& kept, const Trial& trial, const ModelPlace& place) {
  HeadedModel& model = kept.model->loaded.model;
  std::deque<Parameter>& parameters = model.parameters().all();
  if (parameters.size() != kept.versions.size()) return false;  // adapters were hung on it
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    Parameter& parameter = parameters[i];
    // Every write raises a tensor's version, as the products' copies of weights need it.
    const bool is_changed = parameter.tensor._version() != kept.versions[i];
    if (is_changed && parameter.block < 0) return false;  // the optimizer keeps notes on rows of embeddings
    if (is_changed && !parameter.is_new) changed.push_back(parameter.name);
    if (parameter.is_new && (is_changed || place.seed != kept.seed)) initialize(parameter, place.seed);
    parameter.tensor.requires_grad_(true);  // as it is opened: the trial's choice of tune comes later
    parameter.tensor.mutable_grad().reset();
  }
  if (!changed.empty()) {
    const Value* checkpoint = place.table.find("checkpoint");
    if (!checkpoint || !checkpoint->is_string()) return false;
    nn::reload_weights(model, checkpoint->as_string(), changed);
  }
  limit_length(*kept.model, trial);
  kept = keep_model(kept.key, kept.model, place.seed);
  return true;
}

}  // namespace temper::study
