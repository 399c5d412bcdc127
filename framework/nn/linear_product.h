// The products of linear layers, in float32 or bfloat16.
#pragma once

#include <temper/torch/forward.h>
#include <temper/torch/parameters.h>

namespace temper::nn {

// x W^T + b, [N, in] -> [N, out], in bfloat16 when the context says so. `bias` may be null.
Tensor linear_product(const Tensor& x, Parameter& weight, Parameter* bias, const ForwardContext& context);

// The same on tensors of one type; `bias` may be undefined. A transposed weight is [in, out].
Tensor raw_product(const Tensor& x, const Tensor& weight, const Tensor& bias, bool transposed);

// Adds a gradient to a parameter's float32 one, which is made if there is none yet.
void add_gradient(Tensor& parameter, const Tensor& gradient);

}  // namespace temper::nn
