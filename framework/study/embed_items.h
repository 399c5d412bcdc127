// Vectors of items under a trial's model.
#pragma once

#include <span>
#include <string>

#include <temper/strategy.h>

#include "inference/classify.h"
#include "study/trial_inputs.h"
#include "study/trial_model.h"

namespace temper::study {

struct EmbedRequest {
  TrialModel& model;
  const PromptOptions& prompt;
  const Tokenizer* tokenizer = nullptr;
  EmbeddingOptions embedding;
  inference::ClassifyOptions options;
  // Of the model: what was computed from the same weights and tokens before is taken from `inputs`. Empty: nothing is kept.
  std::string weights_key;
};

struct EmbeddedItems {
  Embeddings embeddings;
  std::int64_t truncated_items = 0;  // longer than the model reads: they lost their last tokens
  std::int64_t dropped_tokens = 0;
};

// Items rendered by `prompt`, tokenized with special tokens, cut at the model's limit; pooled over all their tokens' final states.
EmbeddedItems embed_items(TrialInputs& inputs, const EmbedRequest& request, std::span<const Item> items);

}  // namespace temper::study
