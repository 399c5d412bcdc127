// The head of a model, built from what the family says of it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <temper/torch/model.h>

namespace temper {

// Applies the layers of a HeadSpec one after another.
class Head {
 public:
  // Registers the parameters of its layers in the model's table. `labels` stands for widths that a layer leaves open.
  Head(Model& model, const HeadSpec& spec, std::int64_t labels);
  // [M, C] -> [M, width of the last layer], float32. context.read: the tokens that the rows are.
  Tensor forward(Tensor x, ForwardContext context);
  bool has_dropout() const;

 private:
  struct Layer {
    HeadLayer spec;
    std::unique_ptr<Linear> linear;
    std::optional<LayerNorm> norm;
  };
  std::vector<Layer> layers_;
  bool is_pooled_ = false;
};

}  // namespace temper
