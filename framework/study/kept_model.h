// The model that a worker keeps from one trial to the next.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace temper::study {

struct ModelPlace;  // study/model_place.h
struct Trial;       // study/trial.h
struct TrialModel;  // study/trial_model.h

struct KeptModel {
  std::string key;  // all that it was opened from, but for the seed
  std::shared_ptr<TrialModel> model;
  std::uint64_t seed = 0;               // of what the files lack
  std::vector<std::uint32_t> versions;  // of each parameter's tensor, as it was when the trial began
};

// A model that was just opened for a trial.
KeptModel keep_model(const std::string& key, std::shared_ptr<TrialModel> model, std::uint64_t seed);
// Makes it what `trial` would open: draws from its seed what the files lack, and reads from them again what an earlier trial changed. False
// when it cannot become that: it must then be opened anew.
bool take_over(KeptModel& kept, const Trial& trial, const ModelPlace& place);

}  // namespace temper::study
