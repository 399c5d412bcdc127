// Activations by the names of config.json.
#include <temper/torch/layers.h>

#include <map>
#include <numbers>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <temper/error.h>

#include "nn/kernels.h"

namespace temper {

namespace {

using Function = Tensor (*)(const Tensor&);

// The kernels' way for bfloat16 on the CPU.
class HalfGelu final : public torch::autograd::Function<HalfGelu> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* ctx, const Tensor& x, bool tanh) {
    ctx->save_for_backward({x});
    ctx->saved_data["tanh"] = tanh;
    Tensor y = at::empty_like(x);
    const nn::Bf16* from = bits(x);
    auto* to = static_cast<nn::Bf16*>(y.mutable_data_ptr());
    at::parallel_for(0, x.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) { nn::gelu_forward(kind(tanh), from + begin, to + begin, end - begin); });
    return y;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, const torch::autograd::variable_list& gradients) {
    const Tensor x = ctx->get_saved_variables()[0], dy = gradients[0].contiguous();
    const bool tanh = ctx->saved_data["tanh"].toBool();
    Tensor dx = at::empty_like(x);
    const nn::Bf16 *from = bits(x), *slope = bits(dy);
    auto* to = static_cast<nn::Bf16*>(dx.mutable_data_ptr());
    at::parallel_for(0, x.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
      nn::gelu_backward(kind(tanh), from + begin, slope + begin, to + begin, end - begin);
    });
    return {dx, Tensor()};
  }

 private:
  static constexpr std::int64_t kGrain = 1 << 14;
  static nn::Gelu kind(bool tanh) { return tanh ? nn::Gelu::kTanh : nn::Gelu::kErf; }
  static const nn::Bf16* bits(const Tensor& x) { return static_cast<const nn::Bf16*>(x.const_data_ptr()); }
};

// Without a gradient: libtorch takes a quarter of the time of the product before it.
Tensor gelu_tanh_value(const Tensor& given) {
  const Tensor x = given.contiguous();
  Tensor y = at::empty_like(x);
  const float* from = x.const_data_ptr<float>();
  float* to = y.mutable_data_ptr<float>();
  at::parallel_for(0, x.numel(), 1 << 14, [&](std::int64_t begin, std::int64_t end) { nn::gelu_tanh_forward(from + begin, to + begin, static_cast<std::size_t>(end - begin)); });
  return y;
}

// Hendrycks and Gimpel 2016: x Phi(x), or its approximation by tanh, which GPT-2 was trained with.
Tensor gelu(const Tensor& x, bool tanh) {
  if (x.device().is_cpu() && x.scalar_type() == at::kBFloat16) return HalfGelu::apply(x.contiguous(), tanh);
  if (tanh && x.device().is_cpu() && x.scalar_type() == at::kFloat && !c10::GradMode::is_enabled()) return gelu_tanh_value(x);
  return at::gelu(x, tanh ? "tanh" : "none");
}
Tensor gelu_erf(const Tensor& x) { return gelu(x, false); }
Tensor gelu_tanh(const Tensor& x) { return gelu(x, true); }
// gelu by tanh as gelu_fast writes it, whose constant is rounded to ten digits: the difference is below float32.
Tensor gelu_clipped(const Tensor& x) { return at::clamp(gelu_erf(x), -10, 10); }
Tensor gelu_quick(const Tensor& x) { return x * at::sigmoid(1.702 * x); }
// Ma et al. 2022, "Mega": the integral of a normal density with the mean sqrt(1/2) and the deviation sqrt(1 / (4 pi)), as written there.
Tensor laplace(const Tensor& x) { return 0.5 * (1 + at::erf((x - 0.707107) / (0.282095 * std::numbers::sqrt2))); }

const std::map<std::string, Function>& activations() {
  static const std::map<std::string, Function> known = {
      {"gelu", gelu_erf},
      {"gelu_python", gelu_erf},
      {"gelu_10", gelu_clipped},
      {"gelu_new", gelu_tanh},
      {"gelu_pytorch_tanh", gelu_tanh},
      {"gelu_python_tanh", gelu_tanh},
      {"gelu_accurate", gelu_tanh},
      {"gelu_fast", gelu_tanh},
      {"quick_gelu", gelu_quick},
      {"silu", [](const Tensor& x) { return at::silu(x); }},
      {"swish", [](const Tensor& x) { return at::silu(x); }},
      {"relu", [](const Tensor& x) { return at::relu(x); }},
      {"relu2", [](const Tensor& x) { return at::square(at::relu(x)); }},
      {"relu6", [](const Tensor& x) { return at::clamp(x, 0, 6); }},
      {"leaky_relu", [](const Tensor& x) { return at::leaky_relu(x); }},
      {"tanh", [](const Tensor& x) { return at::tanh(x); }},
      {"sigmoid", [](const Tensor& x) { return at::sigmoid(x); }},
      {"hardswish", [](const Tensor& x) { return at::hardswish(x); }},
      {"mish", [](const Tensor& x) { return at::mish(x); }},
      {"laplace", laplace},
      {"sqrtsoftplus", [](const Tensor& x) { return at::sqrt(at::softplus(x)); }},
      {"linear", [](const Tensor& x) { return x; }},
  };
  return known;
}

}  // namespace

bool is_activation(const std::string& name) { return activations().count(name) != 0; }

Tensor activation(const std::string& name, const Tensor& x) {
  const auto found = activations().find(name);
  if (found == activations().end()) {
    std::string known;
    for (const auto& [other, function] : activations()) known += (known.empty() ? "" : ", ") + other;
    throw Error("there is no activation \"" + name + "\"", "known are " + known);
  }
  return found->second(x);
}

}  // namespace temper
