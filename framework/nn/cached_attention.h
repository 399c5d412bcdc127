// Attention of sequences that go on behind tokens whose keys and values are kept.
#pragma once

#include <temper/torch/forward.h>

namespace temper::nn {

// `attend` where context.cached is set: keeps what is to be kept of k and v, then attends to what lies before each sequence and to
// itself. Two ways, equal within rounding:
//   parts     CPU; each range once for all queries that see it, combined through log-sum-exp
//   explicit  keys and values of each sequence put together, and a softmax of its score matrix; the plain twin
Tensor attend_cached(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options, const ForwardContext& context);

}  // namespace temper::nn
