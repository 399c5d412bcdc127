// An activation times a second input: one pass on the CPU, two operations elsewhere and as the plain twin.
#include <temper/torch/layers.h>

#include <optional>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "nn/kernels.h"

namespace temper {

namespace {

constexpr std::int64_t kGrain = 1 << 14;

std::optional<nn::Gate> gate_kind(const std::string& name) {
  if (name == "silu" || name == "swish") return nn::Gate::kSilu;
  if (name == "gelu") return nn::Gate::kGeluErf;
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return nn::Gate::kGeluTanh;
  return std::nullopt;
}

template <class T>
const T* values(const Tensor& x) {
  return static_cast<const T*>(x.const_data_ptr());
}

class Gated final : public torch::autograd::Function<Gated> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* ctx, const Tensor& gate, const Tensor& up, std::int64_t kind) {
    ctx->save_for_backward({gate, up});
    ctx->saved_data["kind"] = kind;
    Tensor y = at::empty_like(gate);
    gate.scalar_type() == at::kFloat ? run<float>(kind, gate, up, y) : run<nn::Bf16>(kind, gate, up, y);
    return y;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, const torch::autograd::variable_list& gradients) {
    const auto saved = ctx->get_saved_variables();
    const Tensor dy = gradients[0].contiguous();
    Tensor d_gate = at::empty_like(saved[0]), d_up = at::empty_like(saved[1]);
    const std::int64_t kind = ctx->saved_data["kind"].toInt();
    dy.scalar_type() == at::kFloat ? run_back<float>(kind, saved[0], saved[1], dy, d_gate, d_up)
                                   : run_back<nn::Bf16>(kind, saved[0], saved[1], dy, d_gate, d_up);
    return {d_gate, d_up, Tensor()};
  }

 private:
  template <class T>
  static void run(std::int64_t kind, const Tensor& gate, const Tensor& up, Tensor& y) {
    auto* to = static_cast<T*>(y.mutable_data_ptr());
    at::parallel_for(0, y.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
      nn::gated_forward(static_cast<nn::Gate>(kind), values<T>(gate) + begin, values<T>(up) + begin, to + begin, end - begin);
    });
  }
  template <class T>
  static void run_back(std::int64_t kind, const Tensor& gate, const Tensor& up, const Tensor& dy, Tensor& d_gate, Tensor& d_up) {
    auto *to_gate = static_cast<T*>(d_gate.mutable_data_ptr()), *to_up = static_cast<T*>(d_up.mutable_data_ptr());
    at::parallel_for(0, dy.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
      nn::gated_backward(static_cast<nn::Gate>(kind), values<T>(gate) + begin, values<T>(up) + begin, values<T>(dy) + begin, to_gate + begin,
                         to_up + begin, end - begin);
    });
  }
};

}  // namespace

Tensor gated_activation(const std::string& name, const Tensor& gate, const Tensor& up, const ForwardContext& context) {
  const std::optional<nn::Gate> kind = gate_kind(name);
  const bool fits = gate.scalar_type() == up.scalar_type() && (gate.scalar_type() == at::kFloat || gate.scalar_type() == at::kBFloat16);
  if (context.plain || !kind || !fits || !gate.device().is_cpu() || gate.sizes() != up.sizes()) return activation(name, gate) * up;
  return Gated::apply(gate.contiguous(), up.contiguous(), static_cast<std::int64_t>(*kind));
}

Tensor for_products(const Tensor& x, const ForwardContext& context) { return context.bf16 ? x.to(at::kBFloat16) : x; }

}  // namespace temper
