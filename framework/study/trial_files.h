// What a trial leaves in its folder beside its record: the model as a Hugging Face folder, and what the strategy keeps.
//
//   checkpoint/model/      config.json, model.safetensors, the tokenizer's files (absent when the strategy used no model)
//   checkpoint/strategy/   what Strategy::save wrote
//   checkpoint/trial.json  the trial's options and the task's labels: all that prediction needs
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <temper/task.h>

#include "study/trial.h"

namespace temper::study {

inline constexpr const char* kCheckpointFolder = "checkpoint";

// Copies the files of a tokenizer (a folder or a single file) into `folder`.
void copy_tokenizer(const std::filesystem::path& tokenizer, const std::filesystem::path& folder);

void write_trial_file(const Trial& trial, const TaskInfo& task, const std::filesystem::path& checkpoint);

struct SavedTrial {
  Trial trial;
  TaskInfo task;
};
// Throws Error when `checkpoint` is not such a folder.
SavedTrial read_trial_file(const std::filesystem::path& checkpoint);

}  // namespace temper::study
