// Rotary positions: tables of cosines and sines, and the turning of queries and keys.
//
// Shapes: N packed tokens, M rows that are turned, H heads, D head width, W channels that are turned, P tabulated positions.
#include <temper/torch/rotary.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "nn/kernels.h"
#include "nn/rotary_frequencies.h"

namespace temper {

namespace {

// [P, W]: cosines, then sines. `positions` [P] float32. In the arithmetic of transformers, float32, since at position 10,000 a
// rounded frequency is off by 1e-3.
Tensor tabulate(const Tensor& positions, const Tensor& frequencies, double scale) {
  const Tensor angles = positions.unsqueeze(1) * frequencies.unsqueeze(0);  // [P, W / 2]
  const Tensor table = at::cat({at::cos(angles), at::sin(angles)}, 1);
  return scale == 1 ? table : table * scale;
}

template <class T>
void turn_rows(const Tensor& x, Tensor& out, const Tensor& index, const Tensor& table, float sign) {
  const nn::RotaryShape shape{x.size(1), x.size(2), table.size(1), x.stride(0), x.stride(1)};
  const auto* from = static_cast<const T*>(x.const_data_ptr());
  auto* to = static_cast<T*>(out.mutable_data_ptr());
  const auto* rows = index.const_data_ptr<std::int64_t>();
  const auto* angles = table.const_data_ptr<float>();
  const std::int64_t row = shape.heads * shape.width;
  at::parallel_for(0, x.size(0), std::max<std::int64_t>(1, (1 << 13) / row), [&](std::int64_t begin, std::int64_t end) {
    nn::rotate(shape, from + begin * shape.row_stride, to + begin * row, rows + begin, angles, sign, end - begin);
  });
}

Tensor turned(const Tensor& x, const Tensor& index, const Tensor& table, float sign) {
  const Tensor in = x.stride(2) == 1 ? x : x.contiguous();
  Tensor out = at::empty(in.sizes(), in.options().memory_format(at::MemoryFormat::Contiguous));
  in.scalar_type() == at::kBFloat16 ? turn_rows<nn::Bf16>(in, out, index, table, sign) : turn_rows<float>(in, out, index, table, sign);
  return out;
}

// A rotation's gradient is turned back by the same angles.
class Turn final : public torch::autograd::Function<Turn> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* ctx, const Tensor& x, const Tensor& index, const Tensor& table) {
    ctx->save_for_backward({index, table});
    return turned(x, index, table, 1);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, const torch::autograd::variable_list& gradients) {
    const auto saved = ctx->get_saved_variables();
    return {turned(gradients[0], saved[0], saved[1], -1), Tensor(), Tensor()};
  }
};

Tensor turned_by_operations(const Tensor& x, const Tensor& index, const Tensor& table) {
  const std::int64_t half = table.size(1) / 2;
  const Tensor angles = table.index_select(0, index).unsqueeze(1);  // [M, 1, W]
  const Tensor cosine = angles.narrow(2, 0, half), sine = angles.narrow(2, half, half);
  const Tensor a = x.narrow(2, 0, half).to(at::kFloat), b = x.narrow(2, half, half).to(at::kFloat);
  const Tensor rest = x.narrow(2, 2 * half, x.size(2) - 2 * half).to(at::kFloat);
  return at::cat({a * cosine - b * sine, b * cosine + a * sine, rest}, 2).to(x.scalar_type());
}

}  // namespace

struct Rotary::State {
  RotaryOptions options;
  Tensor frequencies;  // [W / 2], unless a sequence is longer than a "dynamic" one expects
  std::mutex mutex;
  Tensor table;  // [P, W], grows

  // Rows for positions 0 .. count - 1.
  Tensor for_positions(std::int64_t count, at::Device device) {
    const std::lock_guard lock(mutex);
    if (!table.defined() || table.size(0) < count || table.device() != device) {
      std::int64_t size = std::min<std::int64_t>(256, options.max_positions);
      while (size < count) size *= 2;
      table = tabulate(at::arange(size, at::TensorOptions().dtype(at::kFloat)), frequencies, options.table_scale).to(device);
    }
    return table;
  }

  // "dynamic": a row per token, since frequencies depend on the length of the token's sequence, its last position + 1.
  // transformers takes the longest sequence of a batch; a batch here says nothing about its sequences, and one alone comes out
  // the same. Keys that were kept are of another length: ModelShape::keeps_up_to says from where on none are used.
  Tensor for_tokens(const Batch& batch, at::Device device) const {
    std::vector<Tensor> tables;
    for (std::int64_t b = 0; b < batch.size(); ++b) {
      const std::int64_t first = batch.starts[b], count = batch.starts[b + 1] - first;
      const Tensor positions = at::from_blob(const_cast<std::int32_t*>(batch.positions.data() + first), {count}, at::kInt).to(at::kFloat);
      const std::int64_t length = *std::max_element(batch.positions.begin() + first, batch.positions.begin() + first + count) + 1;
      tables.push_back(tabulate(positions, nn::rotary_frequencies(options, length), options.table_scale));
    }
    return at::cat(tables).to(device);
  }
};

Rotary::Rotary(RotaryOptions options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->frequencies = nn::rotary_frequencies(state_->options, state_->options.max_positions);
}

Rotary::~Rotary() = default;
Rotary::Rotary(Rotary&&) noexcept = default;

std::int64_t Rotary::longest() const {
  const RotaryOptions& options = state_->options;
  const auto stretched = [&](std::int64_t length) { return static_cast<std::int64_t>(std::min(1e9, options.factor * static_cast<double>(length))); };
  if (options.type == "dynamic") return std::max(options.max_positions, stretched(options.max_positions));
  if (options.type == "yarn") return std::max(options.max_positions, stretched(options.original_positions));
  return options.max_positions;
}

Tensor Rotary::forward(const Tensor& x, const ForwardContext& context) const {
  const PackedInput& input = *context.input;
  if (input.tokens() == 0) return x;
  const bool is_read = context.read.defined() && x.size(0) != input.tokens();
  const std::int64_t count = *std::max_element(input.host.positions.begin(), input.host.positions.end()) + 1;
  Tensor table, index = input.positions;
  if (state_->options.type == "dynamic" && count > state_->options.max_positions) {
    table = state_->for_tokens(input.host, x.device());
    index = at::arange(input.tokens(), input.positions.options());
  } else {
    table = state_->for_positions(count, x.device());
  }
  if (is_read) index = index.index_select(0, context.read);
  const bool has_kernel = x.device().is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
  if (context.plain || !has_kernel) return turned_by_operations(x, index, table);
  return Turn::apply(x, index, table);
}

}  // namespace temper
