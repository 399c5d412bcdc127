// Dropout's keys and kernels: which rows of a batch draw from what. Used by `dropout` and by attention.
#pragma once

#include <cstdint>
#include <vector>

#include <temper/torch/forward.h>

#include "nn/random_bits.h"

namespace temper::nn {

// What all rows of one sequence at one place of the model draw from. The item's key, never its place in the batch.
std::uint64_t sequence_key(const ForwardContext& context, std::int64_t sequence, int site);

// One per row: per token, or per token of context.read where that is set.
std::vector<RowKey> row_keys(const ForwardContext& context, int site);

// x [rows, channels] on the CPU, float32 or bfloat16, with dropped values 0 and the others scaled by 1 / (1 - p). No gradient.
Tensor dropped(const Tensor& x, const std::vector<RowKey>& keys, double p);

// The plain twin in integer tensor operations: 0 or 1 / (1 - p), float32 [rows, channels] on any device.
Tensor dropout_mask(const std::vector<RowKey>& keys, std::int64_t channels, std::int64_t first_channel, double p, at::Device device);

}  // namespace temper::nn
