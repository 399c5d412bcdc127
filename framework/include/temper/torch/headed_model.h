// A model and the head that a task reads: the unit that is trained, evaluated, saved and exported.
#pragma once

#include <cstdint>
#include <memory>

#include <temper/torch/model.h>

namespace temper {

class Head;  // built by the framework from a HeadSpec
namespace nn {
struct Lora;  // nn/lora.h
}

// What enters a place of a model (ForwardContext::layer: 0 .. layers - 1 a block, layers the final norm; layers + 1: what a head
// reads) for the sequences of a batch, in their order. Shapes: N packed tokens, B sequences.
struct FrozenRows {
  std::int64_t place = -1;
  Tensor rows;  // [N, C]; [B, C], of the pooled tokens, where only these are read from that place on (see rows_are_pooled)
};

class HeadedModel {
 public:
  // Registers the head's parameters in the model's table. `labels` is the number of classes (0 where the head has none).
  HeadedModel(std::unique_ptr<Model> model, HeadSpec head, std::int64_t labels);
  ~HeadedModel();
  HeadedModel(HeadedModel&&) noexcept;

  Model& model() { return *model_; }
  ParameterTable& parameters() { return model_->parameters(); }
  const HeadSpec& head() const { return spec_; }
  std::int64_t labels() const { return labels_; }
  // The adapters that hang on the model; null when it has none. Set by nn/lora.h.
  std::shared_ptr<const nn::Lora>& lora() { return lora_; }

  // Final states of the packed tokens `read` [M] int64, [M, C]; blocks that no gradient reaches run without recording and
  // without dropout. When one token per sequence is read, the last block computes only these rows. With context.frozen, which must
  // not reach behind frozen_places(), it goes on from there.
  Tensor states(ForwardContext context, const Tensor& read);

  // The first place with a parameter that requires a gradient: what enters it is a fixed function of the input. -1: embeddings;
  // layers + 1: nothing but the head is trained.
  std::int64_t frozen_places() const;
  // Whether a head reads nothing but the pooled tokens from `place` on, so that frozen rows are one per sequence.
  bool rows_are_pooled(std::int64_t place) const;
  // What enters `place`, computed without gradients and without dropout. 0 <= place <= layers + 1.
  FrozenRows frozen_rows(ForwardContext context, std::int64_t place);
  // Tokens that went through blocks so far, one for each block: what the work of passes is counted in. A block that computes only the
  // rows that are read counts all tokens.
  std::int64_t computed_tokens() const { return computed_tokens_; }

  // [M, C] -> [M, labels or vocabulary], float32. context.read names the tokens that the states are; it may be left out where the
  // head has no dropout, and where they are the pooled tokens.
  Tensor logits(const Tensor& states, ForwardContext context);
  // The token that the head's pooling reads in each sequence of the input: [B] int64.
  Tensor pooled_tokens(const PackedInput& input) const;

 private:
  // From place `begin`, which x enters, up to `end`. `read` undefined: all tokens.
  Tensor run(ForwardContext context, std::int64_t begin, std::int64_t end, Tensor x, const Tensor& read, bool is_narrow);

  std::unique_ptr<Model> model_;
  HeadSpec spec_;
  std::int64_t labels_;
  std::unique_ptr<Head> head_;
  std::int64_t computed_tokens_ = 0;
  std::shared_ptr<const nn::Lora> lora_;
};

}  // namespace temper
