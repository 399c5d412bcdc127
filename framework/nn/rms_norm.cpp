// RMSNorm: a kernel on the CPU, single operations elsewhere and as the plain twin.
#include <temper/torch/layers.h>

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "nn/kernels.h"

namespace temper {

namespace {

constexpr std::int64_t kRows = 64;  // of one piece of work; pieces do not depend on the number of threads, nor do sums over them

class Norm final : public torch::autograd::Function<Norm> {
 public:
  // x [R, C] contiguous.
  static Tensor forward(torch::autograd::AutogradContext* ctx, const Tensor& x, const Tensor& weight, double epsilon, double offset) {
    const std::int64_t rows = x.size(0), width = x.size(1);
    Tensor y = at::empty_like(x), inverse = at::empty({rows}, x.options());
    const auto* from = x.const_data_ptr<float>();
    const auto* scales = weight.const_data_ptr<float>();
    auto* to = y.mutable_data_ptr<float>();
    auto* kept = inverse.mutable_data_ptr<float>();
    at::parallel_for(0, rows, kRows, [&](std::int64_t begin, std::int64_t end) {
      nn::rms_norm_forward(from + begin * width, scales, static_cast<float>(offset), static_cast<float>(epsilon), to + begin * width, kept + begin,
                           end - begin, width);
    });
    ctx->save_for_backward({x, weight, inverse});
    ctx->saved_data["offset"] = offset;
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, const torch::autograd::variable_list& gradients) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &inverse = saved[2];
    const Tensor dy = gradients[0].contiguous();
    const std::int64_t rows = x.size(0), width = x.size(1), pieces = (rows + kRows - 1) / kRows;
    Tensor dx = at::empty_like(x), parts = at::zeros({pieces, width}, x.options());
    const auto offset = static_cast<float>(ctx->saved_data["offset"].toDouble());
    const auto *from = x.const_data_ptr<float>(), *scales = weight.const_data_ptr<float>(), *kept = inverse.const_data_ptr<float>(),
               *slopes = dy.const_data_ptr<float>();
    auto *to = dx.mutable_data_ptr<float>(), *sums = parts.mutable_data_ptr<float>();
    at::parallel_for(0, pieces, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t p = begin; p < end; ++p) {
        const std::int64_t first = p * kRows;
        nn::rms_norm_backward(from + first * width, scales, offset, kept + first, slopes + first * width, to + first * width, sums + p * width,
                              std::min(kRows, rows - first), width);
      }
    });
    return {dx, parts.sum(0), Tensor(), Tensor()};
  }
};

}  // namespace

RmsNorm::RmsNorm(ParameterTable& table, const std::string& name, std::int64_t width, double epsilon, std::int64_t block, bool around_one)
    : epsilon_(epsilon), offset_(around_one ? 1 : 0) {
  Parameter weight;
  weight.name = name + ".weight";
  weight.tensor = around_one ? at::zeros({width}, at::kFloat) : at::ones({width}, at::kFloat);
  weight.tensor.requires_grad_(true);
  weight.init = around_one ? Init::kZeros : Init::kOnes;
  weight.decays = false;
  weight.block = block;
  weight_ = &table.add(std::move(weight));
}

Tensor RmsNorm::forward(const Tensor& x, const ForwardContext& context) const {
  const Tensor in = x.to(at::kFloat), &weight = weight_->tensor;
  if (context.plain || !in.device().is_cpu()) {
    const Tensor inverse = at::rsqrt(in.square().mean(-1, true) + epsilon_);
    return in * inverse * (offset_ == 0 ? weight : weight + offset_);
  }
  return Norm::apply(in.reshape({-1, weight.size(0)}).contiguous(), weight, epsilon_, offset_).view(in.sizes());
}

}  // namespace temper
