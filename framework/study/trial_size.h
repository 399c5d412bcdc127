// How large a trial is: what its model is made of, and how many tokens its training and its answers read. A worker finds out
// (study/measure_size.h); the coordinator reckons with it (study/cost_model.h). No torch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <temper/strategy.h>
#include <temper/value.h>

namespace temper::study {

// One phase of training. Matrix elements are those that every token is multiplied with; a product costs two operations per element.
struct PhaseSize {
  bool is_of_texts = false;
  PhaseOptions options;              // what it does otherwise than [training] says
  std::int64_t examples = 0;         // of an epoch: items, windows of long contexts, blocks of texts
  double tokens = 0;                 // of an epoch
  double targets = 0;                // of an epoch: tokens at which a word of the vocabulary is predicted
  double mean_length = 0;            // of the text that a token stands in: what attention costs
  double frozen = 0;                 // matrix elements below the first block that is trained
  double passed = 0;                 // not trained, above it: gradients pass through
  double trained = 0;
  std::int64_t trained_blocks = 0;   // through which gradients pass
  std::int64_t trainable_parameters = 0;
  double probe_tokens = 0, validation_tokens = 0;  // of one evaluation
};

struct TrialSize {
  std::int64_t parameters = 0, layers = 0, width = 0, vocabulary = 0;
  std::int64_t process_bytes = 0;  // of the worker before it opened the model
  bool is_sampled = false;         // examples and tokens were told from a part of the rows
  std::vector<PhaseSize> phases;
  double test_tokens = 0;          // of the test split, as the head reads it
  bool saves_adapter = false;      // its checkpoint holds the trained parameters alone
};

Value to_value(const TrialSize& size);
// Throws Error naming what is missing.
TrialSize trial_size_from_value(const Value& value);

}  // namespace temper::study
