// bfloat16 copies of float32 master weights.
#include <temper/torch/parameters.h>

#include <ATen/ATen.h>

namespace temper {

namespace {

bool is_current(const Parameter& parameter) {
  return parameter.half.defined() && parameter.half_version == parameter.tensor._version() && parameter.half_source == parameter.tensor.const_data_ptr();
}

}  // namespace

const Tensor& half_copy(Parameter& parameter) {
  if (is_current(parameter)) return parameter.half;
  const Tensor master = parameter.tensor.detach();
  // A copy that a recorded product still holds must keep its values for the backward pass.
  const bool is_free = parameter.half.defined() && parameter.half.use_count() == 1 && parameter.half.sizes() == master.sizes() &&
                       parameter.half.device() == master.device();
  if (is_free) {
    parameter.half.copy_(master);
  } else {
    parameter.half = master.to(at::kBFloat16);
  }
  mark_half_current(parameter);
  return parameter.half;
}

void mark_changed(Parameter& parameter) { parameter.tensor.unsafeGetTensorImpl()->bump_version(); }

void mark_half_current(Parameter& parameter) {
  parameter.half_version = parameter.tensor._version();
  parameter.half_source = parameter.tensor.const_data_ptr();
}

}  // namespace temper
