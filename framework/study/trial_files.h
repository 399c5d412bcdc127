// What a trial leaves in its folder beside its record: the model as a Hugging Face folder, and what the strategy keeps.
//
//   checkpoint/trial.json  the trial's options and the task's labels, all that prediction needs; and the sizes of all other files
//   checkpoint/strategy/   what Strategy::save wrote
//   checkpoint/model/      only when this trial changed the model: config.json, model.safetensors (or a PEFT adapter over the model
//                          that it began with), the tokenizer's files
//   checkpoint/base/       only when it goes on from another trial: that trial's checkpoint, laid out like this one
//
// The model of a trial is thus the first of checkpoint/model, checkpoint/base/model, ... that is there; else model.checkpoint of its
// options, or random weights from its seed. Written down for others in docs/formats/checkpoint.md.
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

struct SavedTrial {
  Trial trial;
  TaskInfo task;
  bool head_is_trained = false;  // by the trial or one that it goes on from: it answers by the task's head, otherwise by choice
};
// Last of all: it lists the files that are in the folder by then.
void write_trial_file(const SavedTrial& saved, const std::filesystem::path& checkpoint);
// Throws Error when `checkpoint` is not such a folder.
SavedTrial read_trial_file(const std::filesystem::path& checkpoint);

// Throws Error, which names the file and the way out, when `checkpoint` is not as its trial left it: a file lacks, or has another size (a
// disk that lost the end of it, or somebody, may have cut it).
void check_checkpoint(const std::filesystem::path& checkpoint);

// The checkpoint with those that it goes on from, the first one first: .../base/base, .../base, checkpoint.
std::vector<std::filesystem::path> checkpoint_chain(const std::filesystem::path& checkpoint);

// Copies a folder and all below it; files are linked where the file system can, since checkpoints are replaced and never changed.
void link_folder(const std::filesystem::path& from, const std::filesystem::path& to);

// In a folder that `temper export` wrote: what the strategies keep, laid out like a checkpoint without models.
inline constexpr const char* kExportedFolder = "temper";
inline constexpr const char* kTrialFile = "trial.json";
inline constexpr const char* kModelFolder = "model";
inline constexpr const char* kStrategyFolder = "strategy";
inline constexpr const char* kBaseFolder = "base";

}  // namespace temper::study
