// Vectors of items under a trial's model.
#pragma once

#include <cstdint>
#include <span>

#include <temper/strategy.h>

#include "inference/classify.h"
#include "study/trial_model.h"

namespace temper::study {

// Items rendered by `prompt`, tokenized with special tokens, cut at the model's limit; pooled over all their tokens' final states.
Embeddings embed_items(TrialModel& model, const PromptOptions& prompt, const Tokenizer* tokenizer, std::span<const Item> items,
                       const EmbeddingOptions& embedding, const inference::ClassifyOptions& options);

}  // namespace temper::study
