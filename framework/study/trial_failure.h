// The record of a trial that could not end, and what every record begins with.
#pragma once

#include <filesystem>
#include <string>

#include "record/trial_record.h"
#include "study/trial.h"

namespace temper::study {

// Strategy, seed, identity and parameters; the rest is what the trial finds.
record::TrialRecord begin_record(const Trial& trial);

// Writes trial.h5 with status failed into `folder`, which is made if absent.
void record_failure(const Trial& trial, const std::filesystem::path& folder, const std::string& error);

}  // namespace temper::study
