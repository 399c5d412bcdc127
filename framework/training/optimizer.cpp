// AdamW by torch's fused kernel, and its plain twin.
#include "training/optimizer.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace temper::training {

AdamW::AdamW(ParameterTable& parameters, const AdamWOptions& options) : options_(options) {
  for (Parameter& parameter : parameters.all()) {
    if (parameter.tensor.requires_grad()) parameters_.push_back(&parameter);
  }
  moments_.resize(parameters_.size());
}

double AdamW::clip(double max_norm) {
  std::vector<Tensor> gradients;
  for (const Parameter* parameter : parameters_) {
    if (parameter->tensor.grad().defined()) gradients.push_back(parameter->tensor.grad());
  }
  gradient_scale_ = 1;
  if (gradients.empty()) return 0;
  const double norm = at::stack(at::_foreach_norm(gradients)).norm().item<double>();
  if (max_norm > 0) gradient_scale_ = std::min(1.0, max_norm / (norm + 1e-6));  // as torch's clip_grad_norm_
  return norm;
}

void AdamW::step(double learning_rate) {
  const c10::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor& tensor = parameters_[i]->tensor;
    if (!tensor.grad().defined()) continue;
    Moments& moments = moments_[i];
    if (!moments.m.defined()) {
      moments.m = at::zeros_like(tensor);
      moments.v = at::zeros_like(tensor);
    }
    ++moments.steps;
  }
  if (options_.plain) {
    step_plain(learning_rate);
  } else {
    step_fused(learning_rate);
  }
}

void AdamW::step_fused(double learning_rate) {
  // The kernel divides gradients by this: clipping costs no pass of its own.
  std::optional<Tensor> divisor;
  for (const bool decays : {true, false}) {
    std::vector<Tensor> tensors, gradients, m, v, steps;
    std::vector<Parameter*> changed;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      Parameter& parameter = *parameters_[i];
      if (parameter.decays != decays || !parameter.tensor.grad().defined()) continue;
      changed.push_back(&parameter);
      tensors.push_back(parameter.tensor);
      gradients.push_back(parameter.tensor.grad());
      m.push_back(moments_[i].m);
      v.push_back(moments_[i].v);
      steps.push_back(at::scalar_tensor(moments_[i].steps, parameter.tensor.options().requires_grad(false)));
    }
    if (tensors.empty()) continue;
    if (!divisor && gradient_scale_ != 1) divisor = at::scalar_tensor(1 / gradient_scale_, tensors[0].options().requires_grad(false));
    at::_fused_adamw_(tensors, gradients, m, v, {}, steps, learning_rate, options_.beta1, options_.beta2,
                      decays ? options_.weight_decay : 0.0, options_.epsilon, /*amsgrad=*/false, /*maximize=*/false, divisor);
    for (Parameter* parameter : changed) mark_changed(*parameter);  // the kernel leaves version counters alone
  }
}

void AdamW::step_plain(double learning_rate) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Tensor p = parameters_[i]->tensor;
    if (!p.grad().defined()) continue;
    const Tensor g = p.grad() * gradient_scale_;
    Moments& state = moments_[i];
    state.m.mul_(options_.beta1).add_(g, 1 - options_.beta1);
    state.v.mul_(options_.beta2).addcmul_(g, g, 1 - options_.beta2);
    const double steps = static_cast<double>(state.steps);
    const Tensor m = state.m / (1 - std::pow(options_.beta1, steps));
    const Tensor v = state.v / (1 - std::pow(options_.beta2, steps));
    if (parameters_[i]->decays) p.mul_(1 - learning_rate * options_.weight_decay);
    p.sub_(m / (v.sqrt() + options_.epsilon) * learning_rate);
  }
}

void AdamW::clear_gradients() {
  for (Parameter* parameter : parameters_) parameter->tensor.mutable_grad().reset();
}

}  // namespace temper::training
