// LayerNorm in float32.
#include <temper/torch/layers.h>

#include <ATen/ATen.h>

namespace temper {

namespace {

Parameter norm_parameter(const std::string& name, std::int64_t width, Init init, std::int64_t block, bool is_head) {
  Parameter parameter;
  parameter.name = name;
  parameter.tensor = init == Init::kOnes ? at::ones({width}, at::kFloat) : at::zeros({width}, at::kFloat);
  parameter.tensor.requires_grad_(true);
  parameter.init = init;
  parameter.decays = false;
  parameter.block = block;
  parameter.is_head = is_head;
  return parameter;
}

}  // namespace

LayerNorm::LayerNorm(ParameterTable& table, const std::string& name, std::int64_t width, double epsilon, std::int64_t block, bool is_head)
    : weight_(&table.add(norm_parameter(name + ".weight", width, Init::kOnes, block, is_head))),
      bias_(&table.add(norm_parameter(name + ".bias", width, Init::kZeros, block, is_head))), epsilon_(epsilon) {}

Tensor LayerNorm::forward(const Tensor& x) const {
  return at::layer_norm(x.to(at::kFloat), {weight_->tensor.size(0)}, weight_->tensor, bias_->tensor, epsilon_);
}

}  // namespace temper
