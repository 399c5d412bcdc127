// AdamW by a kernel of our own, by torch's fused one, and by single operations. Shapes: L rows that matter, C width.
#include "training/optimizer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include "training/adamw_kernel.h"

namespace temper::training {
namespace {

// Appends the rows that were looked up since and are not in `moments` yet; their moments are zero.
void take_new_rows(const Parameter& parameter, Moments& moments) {
  const at::TensorOptions options = parameter.tensor.options().requires_grad(false);
  std::vector<std::uint8_t> known(parameter.looked_up.size(), 0);
  if (moments.rows.defined()) {
    const auto* row = moments.rows.const_data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < moments.rows.numel(); ++i) known[static_cast<std::size_t>(row[i])] = 1;
  } else {
    moments.rows = at::empty({0}, at::kLong);
    moments.m = at::empty({0, parameter.tensor.size(1)}, options);
    moments.v = at::empty({0, parameter.tensor.size(1)}, options);
  }
  std::vector<std::int64_t> added;
  for (std::size_t row = 0; row < known.size(); ++row) {
    if (parameter.looked_up[row] && !known[row]) added.push_back(static_cast<std::int64_t>(row));
  }
  if (added.empty()) return;
  const Tensor zeros = at::zeros({static_cast<std::int64_t>(added.size()), parameter.tensor.size(1)}, options);
  moments.rows = at::cat({moments.rows, at::tensor(added, at::kLong)});
  moments.m = at::cat({moments.m, zeros});
  moments.v = at::cat({moments.v, zeros});
}

}  // namespace

AdamW::AdamW(ParameterTable& parameters, const AdamWOptions& options) : options_(options) {
  for (Parameter& parameter : parameters.all()) {
    if (!parameter.tensor.requires_grad()) continue;
    parameters_.push_back(&parameter);
    std::fill(parameter.looked_up.begin(), parameter.looked_up.end(), 0);  // an earlier training's rows are none of ours
  }
  moments_.resize(parameters_.size());
}

std::vector<AdamW::Work> AdamW::gather() {
  const c10::NoGradGuard no_grad;
  std::vector<Work> work;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Parameter& parameter = *parameters_[i];
    if (!parameter.tensor.grad().defined()) continue;
    Moments& moments = moments_[i];
    const bool by_rows = works_by_rows(parameter) && (moments.rows.defined() || !moments.m.defined());
    if (by_rows) {
      take_new_rows(parameter, moments);
    } else if (!moments.m.defined()) {
      moments.m = at::zeros_like(parameter.tensor);
      moments.v = at::zeros_like(parameter.tensor);
    }
    const Tensor& all = parameter.tensor.grad();
    work.push_back({&parameter, &moments, moments.rows.defined() ? all.index_select(0, moments.rows) : all});
  }
  return work;
}

double AdamW::clip(double max_norm) {
  work_ = gather();
  gradient_scale_ = 1;
  if (work_.empty()) return 0;
  std::vector<Tensor> gradients;
  for (const Work& work : work_) gradients.push_back(work.gradient);
  const double norm = at::stack(at::_foreach_norm(gradients)).norm().item<double>();
  if (max_norm > 0) gradient_scale_ = std::min(1.0, max_norm / (norm + 1e-6));  // as torch's clip_grad_norm_
  return norm;
}

void AdamW::step(double learning_rate) {
  const c10::NoGradGuard no_grad;
  const std::vector<Work> work = work_.empty() ? gather() : std::move(work_);
  work_.clear();
  for (const Work& each : work) ++each.moments->steps;
  std::vector<Work> for_torch;
  for (const Work& each : work) {
    if (options_.kernel == AdamWKernel::kPlain) {
      step_plain(each, learning_rate);
    } else if (options_.kernel == AdamWKernel::kOwn && each.parameter->tensor.is_cpu()) {
      step_own(each, learning_rate);
    } else {
      for_torch.push_back(each);
    }
  }
  if (!for_torch.empty()) step_torch(for_torch, learning_rate);
}

void AdamW::step_own(const Work& work, double learning_rate) const {
  Parameter& parameter = *work.parameter;
  Moments& moments = *work.moments;
  const double steps = static_cast<double>(moments.steps);
  const double decay = parameter.decays ? 1 - learning_rate * options_.weight_decay : 1;
  AdamWStep step{static_cast<float>(gradient_scale_), static_cast<float>(options_.beta1), static_cast<float>(options_.beta2),
                 static_cast<float>(options_.epsilon), static_cast<float>(decay),
                 static_cast<float>(learning_rate / (1 - std::pow(options_.beta1, steps))),
                 static_cast<float>(1 / std::sqrt(1 - std::pow(options_.beta2, steps)))};
  const Tensor gradient = work.gradient.contiguous();
  const auto* g = gradient.const_data_ptr<float>();
  auto* p = parameter.tensor.mutable_data_ptr<float>();
  auto* m = moments.m.mutable_data_ptr<float>();
  auto* v = moments.v.mutable_data_ptr<float>();
  if (moments.rows.defined()) {
    if (step.decay != 1) parameter.tensor.mul_(step.decay);  // all rows, also those that have no moments
    step.decay = 1;
    const std::int64_t width = parameter.tensor.size(1);
    const auto* row = moments.rows.const_data_ptr<std::int64_t>();
    at::parallel_for(0, moments.rows.numel(), 64, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        adamw_update(p + row[i] * width, g + i * width, m + i * width, v + i * width, nullptr, static_cast<std::size_t>(width), step);
      }
    });
    mark_changed(parameter);
    return;
  }
  // The copy is ours to write while nothing else holds it.
  const bool writes_half = parameter.half.defined() && parameter.half.use_count() == 1 && parameter.half.is_contiguous() &&
                           parameter.half.numel() == parameter.tensor.numel();
  auto* half = writes_half ? static_cast<nn::Bf16*>(parameter.half.mutable_data_ptr()) : nullptr;
  at::parallel_for(0, parameter.tensor.numel(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    adamw_update(p + begin, g + begin, m + begin, v + begin, half ? half + begin : nullptr, static_cast<std::size_t>(end - begin), step);
  });
  mark_changed(parameter);
  if (writes_half) mark_half_current(parameter);
}

void AdamW::step_torch(const std::vector<Work>& work, double learning_rate) const {
  std::optional<Tensor> divisor;  // the kernel divides gradients by it: clipping costs no pass of its own
  for (const bool decays : {true, false}) {
    std::vector<Tensor> tensors, gradients, m, v, steps;
    for (const Work& each : work) {
      if (each.parameter->decays != decays) continue;
      const Tensor& tensor = each.parameter->tensor;
      tensors.push_back(tensor);
      gradients.push_back(each.gradient);
      m.push_back(each.moments->m);
      v.push_back(each.moments->v);
      steps.push_back(at::scalar_tensor(each.moments->steps, tensor.options().requires_grad(false)));
    }
    if (tensors.empty()) continue;
    if (!divisor && gradient_scale_ != 1) divisor = at::scalar_tensor(1 / gradient_scale_, tensors[0].options().requires_grad(false));
    at::_fused_adamw_(tensors, gradients, m, v, {}, steps, learning_rate, options_.beta1, options_.beta2, decays ? options_.weight_decay : 0.0,
                      options_.epsilon, /*amsgrad=*/false, /*maximize=*/false, divisor);
  }
  for (const Work& each : work) mark_changed(*each.parameter);  // the kernel leaves version counters alone
}

void AdamW::step_plain(const Work& work, double learning_rate) const {
  Tensor p = work.parameter->tensor;
  Moments& state = *work.moments;
  const Tensor g = work.gradient * gradient_scale_;
  state.m.mul_(options_.beta1).add_(g, 1 - options_.beta1);
  state.v.mul_(options_.beta2).addcmul_(g, g, 1 - options_.beta2);
  const double steps = static_cast<double>(state.steps);
  const Tensor m = state.m / (1 - std::pow(options_.beta1, steps));
  const Tensor v = state.v / (1 - std::pow(options_.beta2, steps));
  if (work.parameter->decays) p.mul_(1 - learning_rate * options_.weight_decay);
  p.sub_(m / (v.sqrt() + options_.epsilon) * learning_rate);
}

void AdamW::clear_gradients() {
  const c10::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Tensor& gradient = parameters_[i]->tensor.mutable_grad();
    if (gradient.defined() && moments_[i].rows.defined()) {
      gradient.index_fill_(0, moments_[i].rows, 0);  // all other rows are zero: no new table is made and filled
    } else {
      gradient.reset();  // the next backward pass writes its first gradients without adding
    }
  }
}

void AdamW::restore(std::size_t index, Moments moments) {
  Parameter& parameter = *parameters_[index];
  if (moments.rows.defined() && !works_by_rows(parameter)) {  // it went on elsewhere: all rows then
    const Tensor rows = std::exchange(moments.rows, {});
    moments.m = at::zeros(parameter.tensor.sizes(), moments.m.options()).index_copy_(0, rows, moments.m);
    moments.v = at::zeros(parameter.tensor.sizes(), moments.v.options()).index_copy_(0, rows, moments.v);
  }
  const at::Device device = parameter.tensor.device();
  moments_[index] = {moments.m.to(device), moments.v.to(device), moments.rows, moments.steps};
  if (!moments.rows.defined()) {
    parameter.looked_up.clear();
    return;
  }
  const auto* row = moments.rows.const_data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < moments.rows.numel(); ++i) parameter.looked_up.at(static_cast<std::size_t>(row[i])) = 1;
}

bool AdamW::works_by_rows(const Parameter& parameter) const {
  return options_.kernel == AdamWKernel::kOwn && parameter.tensor.is_cpu() && !parameter.looked_up.empty();
}

}  // namespace temper::training
