// A linear layer with an adapter: the plain composition, and one function with a backward pass of its own.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <temper/error.h>

#include "nn/dropout.h"
#include "nn/linear_product.h"
#include "nn/lora.h"

namespace temper::nn {

namespace {

// The context under which rows of x draw their dropout: x holds the tokens that are read, or all of them.
ForwardContext row_context(const Tensor& x, const ForwardContext& context) {
  ForwardContext rows = context;
  if (context.read.defined() && context.read.numel() != x.size(0)) rows.read = Tensor();
  const std::int64_t expected = rows.read.defined() ? rows.read.numel() : context.input->tokens();
  if (x.size(0) != expected) throw Error("a layer with lora_dropout was given " + std::to_string(x.size(0)) + " rows, expected one per token, " + std::to_string(expected));
  return rows;
}

// All that the backward pass needs beside the rows themselves. Weights are of the product's type; a and b are the masters.
struct Update final : torch::CustomClassHolder {
  Tensor weight, bias, low_weight, high_weight;
  Tensor a, b;
  bool transposed = false;
  double scaling = 1, p = 0;
  std::vector<RowKey> keys;  // empty: no dropout
};

// y = x W^T + b + s drop(x) A^T B^T with W and b frozen. Beside plain autograd it saves four passes over [N, out] and [N, in]: the
// update is added by the product that makes it, both ways, and W's input is not kept. Gradients of A and B go straight into the
// float32 masters' .grad, as in Linear.
class AdaptedProduct final : public torch::autograd::Function<AdaptedProduct> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* ctx, const Tensor& x, const Tensor&, const Tensor&, const c10::intrusive_ptr<Update>& update) {
    const Tensor in = x.to(update->weight.scalar_type());
    const Tensor kept = update->keys.empty() ? in : dropped(in, update->keys, update->p);
    const Tensor low = at::mm(kept, update->low_weight.t());  // [N, R]
    Tensor y = raw_product(in, update->weight, update->bias, update->transposed);
    y.addmm_(low, update->high_weight.t(), 1, update->scaling);
    ctx->save_for_backward({kept, low});
    ctx->saved_data["update"] = c10::IValue::make_capsule(update);
    ctx->saved_data["type"] = static_cast<std::int64_t>(x.scalar_type());
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, const torch::autograd::variable_list& gradients) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &kept = saved[0], &low = saved[1];
    const auto holder = ctx->saved_data["update"].toCapsule();
    auto& update = static_cast<Update&>(*holder);
    const auto type = static_cast<at::ScalarType>(ctx->saved_data["type"].toInt());
    const Tensor dy = gradients[0].to(update.weight.scalar_type()).contiguous();
    const Tensor dlow = at::mm(dy, update.high_weight).mul_(update.scaling);  // [N, R]
    if (update.b.requires_grad()) add_gradient(update.b, at::mm(dy.t(), low * update.scaling));
    if (update.a.requires_grad()) add_gradient(update.a, at::mm(dlow.t(), kept));
    Tensor dx;
    if (ctx->needs_input_grad(0)) {
      dx = at::mm(dy, update.transposed ? update.weight.t() : update.weight);
      if (update.keys.empty()) dx.addmm_(dlow, update.low_weight);
      else dx.add_(dropped(at::mm(dlow, update.low_weight), update.keys, update.p));
      dx = dx.to(type);
    }
    return {dx, Tensor(), Tensor(), Tensor()};
  }
};

Tensor in_one_function(const Tensor& x, Parameter& weight, Parameter* bias, const LoraAdapter& adapter, const ForwardContext& context, bool drops) {
  auto update = c10::make_intrusive<Update>();
  const auto typed = [&](Parameter& parameter) { return context.bf16 ? half_copy(parameter) : parameter.tensor.detach(); };
  update->weight = typed(weight);
  if (bias) update->bias = typed(*bias);
  update->low_weight = typed(*adapter.a);
  update->high_weight = typed(*adapter.b);
  update->a = adapter.a->tensor;
  update->b = adapter.b->tensor;
  update->transposed = weight.transposed;
  update->scaling = adapter.scaling;
  update->p = adapter.dropout;
  if (drops) update->keys = row_keys(row_context(x, context), adapter.site);
  return AdaptedProduct::apply(x, adapter.a->tensor, adapter.b->tensor, update);
}

}  // namespace

Tensor adapted_norm(const Parameter& weight) {
  const c10::NoGradGuard no_grad;
  const LoraAdapter& adapter = *weight.adapter;
  const Tensor rows = weight.transposed ? weight.tensor.t() : weight.tensor;  // [out, in]
  return at::linalg_vector_norm(rows + at::mm(adapter.b->tensor, adapter.a->tensor) * adapter.scaling, 2, {1});
}

Tensor adapted_product(const Tensor& x, Parameter& weight, Parameter* bias, const ForwardContext& context) {
  const LoraAdapter& adapter = *weight.adapter;
  const bool drops = context.training && adapter.dropout > 0;
  const bool is_frozen = !weight.tensor.requires_grad() && !(bias && bias->tensor.requires_grad());
  if (!context.plain && !adapter.magnitude && is_frozen && (!drops || x.device().is_cpu())) return in_one_function(x, weight, bias, adapter, context, drops);

  const Tensor y = linear_product(x, weight, bias, context);
  const Tensor kept = drops ? temper::dropout(x, adapter.dropout, adapter.site, row_context(x, context)) : x;
  const Tensor update = linear_product(linear_product(kept, *adapter.a, nullptr, context), *adapter.b, nullptr, context);
  if (!adapter.magnitude) return y + update * adapter.scaling;
  // PEFT's form: what the dropped rows give is rescaled, and W's own share comes from the rows without dropout. The norm is a constant
  // for the gradient (section 4.3), and the bias is not scaled.
  Tensor base = y;
  if (drops) base = linear_product(kept, weight, nullptr, context);
  else if (bias) base = y - bias->tensor.to(y.scalar_type());
  const Tensor scale = adapter.magnitude->tensor / adapted_norm(weight);  // [out]
  return y + (scale - 1).to(y.scalar_type()) * base + (scale * adapter.scaling).to(y.scalar_type()) * update;
}

}  // namespace temper::nn
