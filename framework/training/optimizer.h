// AdamW and gradient clipping over a model's trainable parameters.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>
#include <temper/torch/parameters.h>

namespace temper::training {

struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
  bool plain = false;  // single operations instead of the fused kernel: the twin that tests compare with
};

// What AdamW remembers of one parameter. Moments are float32 of the parameter's shape, undefined until its first gradient.
struct Moments {
  Tensor m, v;
  std::int64_t steps = 0;  // with a gradient
};

// Loshchilov and Hutter 2019, algorithm 2: p -= lr * (weight_decay * p + m' / (sqrt(v') + epsilon)), m' and v' being the
// bias-corrected moments. Decay does not depend on the gradient and leaves out parameters whose `decays` is false. A parameter
// without a gradient is left alone, as in torch.optim.
class AdamW {
 public:
  // Takes the parameters that require a gradient now, in the order of the table.
  AdamW(ParameterTable& parameters, const AdamWOptions& options);

  // Global L2 norm of all gradients, before clipping. The next `step` scales gradients by min(1, max_norm / (norm + 1e-6));
  // max_norm 0 scales nothing.
  double clip(double max_norm);
  void step(double learning_rate);
  void clear_gradients();  // frees them: the next backward pass then writes its first gradients without adding

  const std::vector<Parameter*>& parameters() const { return parameters_; }
  // One per parameter, in their order; a resume writes them.
  std::vector<Moments>& moments() { return moments_; }

 private:
  void step_fused(double learning_rate);
  void step_plain(double learning_rate);

  AdamWOptions options_;
  std::vector<Parameter*> parameters_;
  std::vector<Moments> moments_;
  double gradient_scale_ = 1;
};

}  // namespace temper::training
