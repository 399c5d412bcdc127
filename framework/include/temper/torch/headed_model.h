// A model and the head that a task reads: the unit that is trained, evaluated, saved and exported.
#pragma once

#include <cstdint>
#include <memory>

#include <temper/torch/model.h>

namespace temper {

class Head;  // built by the framework from a HeadSpec

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

  // Final states of the packed tokens `read` [M] int64, [M, C]; blocks that no gradient reaches run without recording and
  // without dropout. When one token per sequence is read, the last block computes only these rows.
  Tensor states(ForwardContext context, const Tensor& read);
  // [M, C] -> [M, labels or vocabulary], float32. context.read names the tokens that the states are; it may be left out where the
  // head has no dropout, and where they are the pooled tokens.
  Tensor logits(const Tensor& states, ForwardContext context);
  // The token that the head's pooling reads in each sequence of the input: [B] int64.
  Tensor pooled_tokens(const PackedInput& input) const;

 private:
  std::unique_ptr<Model> model_;
  HeadSpec spec_;
  std::int64_t labels_;
  std::unique_ptr<Head> head_;
};

}  // namespace temper
