// The model of a trial: opened with the task's head, with what turns items into its inputs and its outputs into predictions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <temper/item.h>
#include <temper/prompt.h>
#include <temper/task.h>
#include <temper/tokenizer.h>
#include <temper/training_options.h>

#include "inference/classify.h"
#include "nn/checkpoint.h"
#include "study/model_place.h"
#include "study/trial.h"
#include "study/trial_inputs.h"

namespace temper::study {

// The model of a trial with what turns items into its inputs.
struct TrialModel {
  nn::LoadedModel loaded;
  std::filesystem::path tokenizer;  // folder or file; may have none
  std::int64_t max_length = 0;      // tokens, never above the model's limit
  std::int64_t vocabulary = 0;      // ids are below it
};

// "auto", "cpu", "cuda", "cuda:1" on this machine. Throws Error for a device that is not there.
at::Device find_device(const std::string& name);

// A model like [model]'s; "base" beside "checkpoint" is another place of what an adapter's folder hangs on. Adapters are left unmerged, as
// they were trained.
// The model with a head: the task's, whose classes are in the order of the task's labels, or a language model's.
TrialModel open_trial_model(const registry::Registry& registry, const Value& model_table, const TaskInfo& task, std::uint64_t seed, at::Device device,
                            HeadKind head);
// The same for a trial, whose training.max_length may be below the model's limit. Where it trains, adapters that the model has are merged.
TrialModel open_trial_model(const registry::Registry& registry, const Trial& trial, const ModelPlace& place, const TaskInfo& task, at::Device device,
                            HeadKind head);
// model.max_length as the trial has it: the model's limit, or training.max_length below it.
void limit_length(TrialModel& model, const Trial& trial);
// Whether the table's checkpoint is a folder of adapters.
bool has_adapters(const Value& model_table);
// The same order without reading a weight.
std::vector<std::string> task_labels(const Value& model_table, const std::vector<std::string>& data_labels);

// Those of a trial's table [training]; the defaults where it reads none.
TrainingOptions training_options(const Trial& trial);

struct HeadAnswers {
  std::vector<Prediction> predictions;
  std::int64_t truncated_items = 0;  // longer than the model reads: they lost their last tokens
  std::int64_t dropped_tokens = 0;
};

// The head's answers to items: encoded as the task has it (`tokenizer` may be null when items bring ids), run, read.
HeadAnswers answer_by_head(TrialModel& model, const TaskInfo& task, const PromptOptions& prompt, const Tokenizer* tokenizer,
                           std::span<const Item> items, const inference::ClassifyOptions& options, const TrainingOptions& settings);

// Tokenizes and checks a split as this trial needs it, or finds it ready. Throws Error naming the item whose tokens the model
// does not know or cannot hold.
std::shared_ptr<const data::EncodedSplit> encode_split(TrialInputs& inputs, const Trial& trial, const TaskInfo& task, const TrialModel& model,
                                                       const Split& split, const std::string& name, data::EncodeFor purpose, int threads);

}  // namespace temper::study
