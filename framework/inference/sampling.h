// The next token, chosen from its logits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <temper/generation_options.h>

namespace temper::inference {

// Of one item. Draws are a pure function of seed, item and place, so an answer depends neither on the batch it was made in nor on
// what else was drawn.
class Sampler {
 public:
  // `item`: item_key of the item's id. `vocabulary`: the model's ids are below it.
  Sampler(const GenerationOptions& options, std::uint64_t seed, std::uint64_t item, std::int64_t vocabulary);

  // Tokens that the repetition penalty knows of: the prompt's.
  void read(std::span<const std::int32_t> tokens);
  // Whether `next` gives the place of the largest logit, the first of several, and nothing else matters.
  bool takes_largest() const { return !options_.do_sample && seen_.empty(); }
  // Token `place` of the answer, from 0. In this order: repetition penalty, temperature, top_k, top_p, min_p. Of equal logits the lower
  // id is the likelier. `logits` [V] are changed. Throws Error where they hold NaN.
  std::int32_t next(std::span<float> logits, std::int64_t place);

 private:
  std::int32_t draw(std::span<const float> logits, std::int64_t place);

  GenerationOptions options_;
  std::uint64_t stream_;
  std::vector<std::uint8_t> seen_;      // [V] flags; empty without a penalty
  std::vector<std::int32_t> order_;     // [V] scratch
};

}  // namespace temper::inference
