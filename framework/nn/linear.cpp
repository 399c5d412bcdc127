// Linear layers, with products in float32 or bfloat16.
#include <temper/torch/layers.h>

#include <optional>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include "nn/kernels.h"
#include "nn/linear_product.h"
#include "nn/lora.h"

namespace temper {

namespace nn {

void add_gradient(Tensor& parameter, const Tensor& gradient) {
  Tensor& sum = parameter.mutable_grad();
  if (!sum.defined()) {
    sum = gradient.to(at::kFloat);
    return;
  }
  if (!sum.device().is_cpu() || gradient.scalar_type() != at::kBFloat16 || !sum.is_contiguous()) {
    sum.add_(gradient);
    return;
  }
  const Tensor from = gradient.contiguous();
  auto* to = sum.mutable_data_ptr<float>();
  const auto* values = static_cast<const Bf16*>(from.const_data_ptr());
  at::parallel_for(0, from.numel(), 1 << 16, [&](std::int64_t begin, std::int64_t end) {
    accumulate(to + begin, values + begin, end - begin);
  });
}

Tensor raw_product(const Tensor& x, const Tensor& weight, const Tensor& bias, bool transposed) {
  if (transposed) return bias.defined() ? at::addmm(bias, x, weight) : at::mm(x, weight);
  return at::linear(x, weight, bias.defined() ? c10::optional<Tensor>(bias) : c10::nullopt);
}

namespace {

struct Masters final : torch::CustomClassHolder {
  Tensor weight, bias, half_bias;  // biases may be undefined
  bool transposed = false;
};

// y = x W^T + b in bfloat16, with kept bfloat16 copies of W and b. Their gradients go straight into the float32 masters' .grad,
// so that a second micro-batch adds to them in float32 and no float32 copy of the product is made. The masters are inputs only so
// that the result needs a gradient when they do (an input cannot be an undefined tensor, so the bias is optional).
class HalfProduct final : public torch::autograd::Function<HalfProduct> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* ctx, const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias,
                        const Tensor& half_weight, const c10::intrusive_ptr<Masters>& masters) {
    const Tensor half_x = x.to(at::kBFloat16);
    ctx->save_for_backward({half_x, half_weight});
    ctx->saved_data["masters"] = c10::IValue::make_capsule(masters);
    ctx->saved_data["type"] = static_cast<std::int64_t>(x.scalar_type());
    return raw_product(half_x, half_weight, masters->half_bias, masters->transposed);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, const torch::autograd::variable_list& gradients) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &half_x = saved[0], &half_weight = saved[1];
    const auto holder = ctx->saved_data["masters"].toCapsule();
    auto& masters = static_cast<Masters&>(*holder);
    const auto type = static_cast<at::ScalarType>(ctx->saved_data["type"].toInt());
    const Tensor dy = gradients[0].to(at::kBFloat16).contiguous();
    if (masters.weight.requires_grad()) {
      add_gradient(masters.weight, masters.transposed ? at::mm(half_x.t(), dy) : at::mm(dy.t(), half_x));
    }
    if (masters.bias.defined() && masters.bias.requires_grad()) add_gradient(masters.bias, at::sum(dy, {0}, false, at::kFloat));
    Tensor dx;
    if (ctx->needs_input_grad(0)) dx = at::mm(dy, masters.transposed ? half_weight.t() : half_weight).to(type);
    return {dx, Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor linear_product(const Tensor& x, Parameter& weight, Parameter* bias, const ForwardContext& context) {
  const Tensor bias_tensor = bias ? bias->tensor : Tensor();
  if (!context.bf16 || context.plain) {
    const auto type = context.bf16 ? at::kBFloat16 : at::kFloat;
    return raw_product(x.to(type), weight.tensor.to(type), bias ? bias_tensor.to(type) : bias_tensor, weight.transposed);
  }
  if (!c10::GradMode::is_enabled()) {  // nothing to record
    return raw_product(x.to(at::kBFloat16), half_copy(weight), bias ? half_copy(*bias) : Tensor(), weight.transposed);
  }
  auto masters = c10::make_intrusive<Masters>();
  masters->weight = weight.tensor;
  masters->bias = bias_tensor;
  masters->transposed = weight.transposed;
  if (bias) masters->half_bias = half_copy(*bias);
  return HalfProduct::apply(x, weight.tensor, bias ? std::optional<Tensor>(bias_tensor) : std::nullopt, half_copy(weight), masters);
}

}  // namespace nn

Linear::Linear(ParameterTable& table, const std::string& name, std::int64_t in, std::int64_t out, const LinearOptions& options) : name_(name) {
  Parameter weight;
  weight.name = name + ".weight";
  weight.tensor = options.transposed ? at::empty({in, out}, at::kFloat) : at::empty({out, in}, at::kFloat);  // filled by seed or file
  weight.init_std = options.init_std;
  weight.transposed = options.transposed;
  weight.block = options.block;
  weight.is_head = options.is_head;
  weight.is_linear = true;
  weight.tensor.requires_grad_(true);
  weight_ = &table.add(std::move(weight));
  if (!options.bias) return;
  Parameter bias;
  bias.name = options.bias_name.empty() ? name + ".bias" : options.bias_name;
  bias.tensor = at::zeros({out}, at::kFloat);
  bias.init = Init::kZeros;
  bias.decays = false;
  bias.block = options.block;
  bias.is_head = options.is_head;
  bias.tensor.requires_grad_(true);
  bias_ = &table.add(std::move(bias));
}

Linear::Linear(Parameter& tied, Parameter* bias) : name_(tied.name), weight_(&tied), bias_(bias) {
  tied.looked_up.clear();  // a product gives every row a gradient
}

Tensor Linear::forward(const Tensor& x, const ForwardContext& context) {
  if (x.dim() != 2) return forward(x.flatten(0, -2), context).unflatten(0, x.sizes().slice(0, x.dim() - 1));
  if (weight_->adapter) return nn::adapted_product(x, *weight_, bias_, context);
  return nn::linear_product(x, *weight_, bias_, context);
}

}  // namespace temper
