// See trial_costs.h.
#include "record/trial_costs.h"

#include <algorithm>

#include <temper/error.h>

#include "record/hdf5.h"

namespace temper::record {

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
      trial.parameters = read_trial_head(group).parameters;
      trial.cost = read_cost(group.group("cost"));
    }
    return costs;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace temper::record
