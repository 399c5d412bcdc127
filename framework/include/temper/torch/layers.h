// The layers that models are built from. They register their parameters under checkpoint names, so that loading, freezing,
// bfloat16 copies, adapters and export work for every family alike.
#pragma once

#include <cstdint>
#include <string>

#include <temper/torch/forward.h>
#include <temper/torch/parameters.h>

namespace temper {

struct LinearOptions {
  bool bias = true;
  std::string bias_name;    // where the checkpoint does not call it NAME.bias
  bool transposed = false;  // the checkpoint keeps [in, out] (Conv1D)
  double init_std = 0.02;
  std::int64_t block = 0;
  bool is_head = false;
};

// y = x W^T + b, with what an adapter on the weight adds; the product in bfloat16 when the context says so: then y is bfloat16.
class Linear {
 public:
  // Registers NAME.weight and NAME.bias.
  Linear(ParameterTable& table, const std::string& name, std::int64_t in, std::int64_t out, const LinearOptions& options);
  // The weight of another parameter (tied embeddings), [out, in], with a bias of its own or none.
  explicit Linear(Parameter& tied, Parameter* bias = nullptr);
  Tensor forward(const Tensor& x, const ForwardContext& context);  // [..., in] -> [..., out]
  Parameter& weight() { return *weight_; }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  Parameter* weight_ = nullptr;
  Parameter* bias_ = nullptr;
};

class Embedding {
 public:
  Embedding(ParameterTable& table, const std::string& name, std::int64_t rows, std::int64_t width, double init_std,
            std::int64_t padding_row = -1);      // the row of padding_row, if any, gets no gradient
  ~Embedding();
  Embedding(Embedding&&) noexcept;
  Tensor forward(const Tensor& ids);            // [N] -> [N, C]
  Parameter& weight() { return *weight_; }

 private:
  struct Table;
  Parameter* weight_;
  std::int64_t padding_row_;
  c10::intrusive_ptr<Table> table_;
};

// Ba et al. 2016, in float32.
class LayerNorm {
 public:
  LayerNorm(ParameterTable& table, const std::string& name, std::int64_t width, double epsilon, std::int64_t block, bool is_head = false);
  Tensor forward(const Tensor& x) const;  // [..., C], float32

 private:
  Parameter* weight_;
  Parameter* bias_;
  double epsilon_;
};

// Zhang and Sennrich 2019, in float32: x / sqrt(mean(x^2) + epsilon) * weight. `around_one`: the weight is kept less 1 (Gemma).
class RmsNorm {
 public:
  RmsNorm(ParameterTable& table, const std::string& name, std::int64_t width, double epsilon, std::int64_t block, bool around_one = false);
  Tensor forward(const Tensor& x, const ForwardContext& context) const;  // [..., C] -> [..., C], float32

 private:
  Parameter* weight_;
  double epsilon_;
  double offset_;
};

// By Hugging Face's names: "gelu" (erf), "gelu_new" and "gelu_pytorch_tanh" (tanh), "relu", "silu", "tanh".
Tensor activation(const std::string& name, const Tensor& x);
bool is_activation(const std::string& name);

// activation(gate) * up (Shazeer 2020, GLU variants), of one shape and type.
Tensor gated_activation(const std::string& name, const Tensor& gate, const Tensor& up, const ForwardContext& context);

// x as products take it: rounded to bfloat16 where the context says so. For an input that several products share.
Tensor for_products(const Tensor& x, const ForwardContext& context);

}  // namespace temper
