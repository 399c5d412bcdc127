// AdamW and gradient clipping over a model's trainable parameters.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>
#include <temper/torch/parameters.h>

namespace temper::training {

enum class AdamWKernel {
  kOwn,    // on the CPU: one pass over memory, which renews bfloat16 copies and leaves out rows of embeddings; elsewhere kTorch
  kTorch,  // torch's fused kernel
  kPlain,  // single operations: the twin that tests compare with
};

struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
  AdamWKernel kernel = AdamWKernel::kOwn;
};

// What AdamW remembers of one parameter. Undefined until its first gradient; float32.
struct Moments {
  Tensor m, v;             // of the parameter's shape, or [L, C] where `rows` is defined
  Tensor rows;             // [L] int64: the rows of an embedding that ever had a gradient; the moments of all others are zero
  std::int64_t steps = 0;  // with a gradient
};

// Loshchilov and Hutter 2019, algorithm 2: p -= lr * (weight_decay * p + m' / (sqrt(v') + epsilon)), m' and v' being the
// bias-corrected moments. Decay does not depend on the gradient and leaves out parameters whose `decays` is false. A parameter
// without a gradient is left alone, as in torch.optim.
//
// Of an embedding (Parameter::looked_up) only the rows that were ever looked up are worked on. That is exact, not an
// approximation: a row whose moments are zero moves by its decay alone. 1,000 tweets touch 4,000 of GPT-2's 50,257 rows, and
// the table is 31 % of the model.
class AdamW {
 public:
  // Takes the parameters that require a gradient now, in the order of the table.
  AdamW(ParameterTable& parameters, const AdamWOptions& options);

  // Global L2 norm of all gradients, before clipping. The next `step` scales gradients by min(1, max_norm / (norm + 1e-6));
  // max_norm 0 scales nothing.
  double clip(double max_norm);
  void step(double learning_rate);
  void clear_gradients();

  const std::vector<Parameter*>& parameters() const { return parameters_; }
  // One per parameter, in their order.
  const std::vector<Moments>& moments() const { return moments_; }
  void restore(std::size_t index, Moments moments);  // of parameters()[index], from a snapshot

 private:
  // What a step works on: a parameter, or the rows of it that matter.
  struct Work {
    Parameter* parameter;
    Moments* moments;
    Tensor gradient;  // of the moments' shape
  };
  std::vector<Work> gather();
  bool works_by_rows(const Parameter& parameter) const;
  void step_own(const Work& work, double learning_rate) const;
  void step_torch(const std::vector<Work>& work, double learning_rate) const;
  void step_plain(const Work& work, double learning_rate) const;

  AdamWOptions options_;
  std::vector<Parameter*> parameters_;
  std::vector<Moments> moments_;
  std::vector<Work> work_;  // gathered by `clip` for `step`
  double gradient_scale_ = 1;
};

}  // namespace temper::training
