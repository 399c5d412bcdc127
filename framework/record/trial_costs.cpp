// See trial_costs.h.
#include "record/trial_costs.h"

#include <algorithm>

#include <temper/error.h>

#include "record/hdf5.h"
#include "record/layout.h"

namespace temper::record {

namespace {

CostRecord read_cost(const Hdf5Group& group) {
  CostRecord cost;
  cost.train_seconds = group.float_attribute("train_seconds");
  cost.prepare_seconds = group.float_attribute("prepare_seconds");
  cost.predict_seconds = group.float_attribute("predict_seconds");
  cost.seconds_per_prediction = group.float_attribute("seconds_per_prediction");
  cost.train_tokens = group.integer_attribute("train_tokens");
  cost.peak_memory_bytes = group.integer_attribute("peak_memory_bytes");
  cost.trainable_parameters = group.integer_attribute("trainable_parameters");
  if (const std::optional<Hdf5Attribute> shared = group.attribute("shared_with"))
    if (const auto* trials = std::get_if<std::vector<std::string>>(&*shared)) cost.shared_with = *trials;
  return cost;
}

}  // namespace

std::optional<StudyCosts> read_costs(const std::filesystem::path& study_file, std::size_t most) {
  std::error_code error;
  if (!std::filesystem::exists(study_file, error)) return std::nullopt;
  try {
    const Hdf5File file = Hdf5File::open(study_file);
    StudyCosts costs{file.string_attribute("host"), file.string_attribute("device"), file.read_text("experiment"), {}};
    const std::vector<std::int64_t> numbers = file.read_integers("summary/trial");
    const std::vector<std::string> status = file.read_strings("summary/status");
    for (std::size_t i = std::min(numbers.size(), status.size()); i-- > 0 && costs.trials.size() < most;) {
      if (status[i] != kComplete) continue;
      const Hdf5Group group = file.group("trials/" + trial_name(numbers[i]));
      if (!group.has("cost")) continue;
      TrialCosts& trial = costs.trials.emplace_back();
      trial.number = numbers[i];
      for (const auto& [path, attribute] : group.attributes("parameters"))
        if (path != kSweptAttribute) trial.parameters.emplace_back(path, to_value(attribute));
      trial.cost = read_cost(group.group("cost"));
    }
    return costs;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace temper::record
