// Classification by a language model: the label whose spelling is likeliest behind the prompt (Brown et al. 2020).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <temper/strategy.h>

#include "inference/score.h"
#include "study/trial_model.h"

namespace temper::study {

struct ChoiceOptions {
  ChoiceNormalization normalization = ChoiceNormalization::kNone;
  TooLong too_long = TooLong::kCut;
  bool share_prefixes = true;  // false: every prompt with every label by itself
  std::int64_t batch_size = 64;
  bool bf16 = false;
  bool plain = false;
  at::Device device = at::kCPU;
  std::function<void(std::int64_t)> answered = {};  // told how many further items are answered, about; in all as many as there are. May be empty
};

struct Choices {
  std::vector<Prediction> predictions;  // one per item
  std::int64_t truncated_items = 0;     // too long without any block: they lost their first tokens
  std::int64_t dropped_tokens = 0;
  inference::ScoreWork work;
};

// One prompt per item. Prompt and label are tokenized as one text, as lm-evaluation-harness does; blocks are left out until the longest
// label fits too. Probabilities are the softmax of the labels' log-probabilities, which `logits` holds: sums over a label's tokens, divided
// by the number of these tokens or of the spelling's bytes (its blank included) where the normalization says so.
//
// An item that brings `input_ids` goes on from these ids as they are, with the label tokenized by itself; it takes no blocks. Throws Error
// where there is no tokenizer, and naming the item where a label adds no token to its prompt.
Choices answer_by_choice(TrialModel& model, const TaskInfo& task, const PromptFormat& format, const Tokenizer* tokenizer, std::span<const Item> items,
                         std::span<const Prompt> prompts, const ChoiceOptions& options);

}  // namespace temper::study
