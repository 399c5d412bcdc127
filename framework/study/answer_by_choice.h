// Classification by a language model: the label whose spelling is likeliest behind the prompt.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <temper/strategy.h>

#include "study/trial_model.h"

namespace temper::study {

struct ChoiceOptions {
  ChoiceNormalization normalization = ChoiceNormalization::kNone;
  std::int64_t batch_size = 32;
  bool bf16 = false;
  bool plain = false;
  at::Device device = at::kCPU;
};

// One prompt per item. Probabilities are the softmax of the labels' (normalised) log-probabilities, which `logits` holds. The
// tokens of prompt and label are those of both as one text, as lm-evaluation-harness takes them.
std::vector<Prediction> answer_by_choice(TrialModel& model, const TaskInfo& task, const PromptFormat& format, const Tokenizer* tokenizer,
                                         std::span<const Item> items, std::span<const Prompt> prompts, const ChoiceOptions& options);

}  // namespace temper::study
