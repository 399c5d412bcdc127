// Inverted dropout whose masks are a pure function of seed, step, item, position, layer, site and channel.
#include "nn/dropout.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "nn/kernels.h"

namespace temper {

namespace nn {

std::uint64_t sequence_key(const ForwardContext& context, std::int64_t sequence, int site) {
  std::uint64_t key = mix64(context.dropout.seed);
  key = mix64(key ^ context.dropout.step);
  key = mix64(key ^ context.input->host.items[sequence]);
  key = mix64(key ^ static_cast<std::uint64_t>(context.layer + 1));
  return mix64(key ^ static_cast<std::uint64_t>(site));
}

std::vector<RowKey> row_keys(const ForwardContext& context, int site) {
  const Batch& batch = context.input->host;
  std::vector<std::uint64_t> keys(batch.size());
  for (std::int64_t b = 0; b < batch.size(); ++b) keys[b] = sequence_key(context, b, site);
  std::vector<RowKey> rows;
  if (context.read.defined()) {
    const Tensor read = context.read.to(at::kCPU).contiguous();
    const auto* token = read.const_data_ptr<std::int64_t>();
    for (std::int64_t r = 0; r < read.numel(); ++r) {
      const auto b = std::upper_bound(batch.starts.begin(), batch.starts.end(), token[r]) - batch.starts.begin() - 1;
      rows.push_back(row_key(keys[b], token[r] - batch.starts[b]));
    }
  } else {
    for (std::int64_t b = 0; b < batch.size(); ++b) {
      for (std::int64_t t = batch.starts[b]; t < batch.starts[b + 1]; ++t) rows.push_back(row_key(keys[b], t - batch.starts[b]));
    }
  }
  return rows;
}

Tensor dropout_mask(const std::vector<RowKey>& keys, std::int64_t channels, std::int64_t first_channel, double p, at::Device device) {
  const auto rows = static_cast<std::int64_t>(keys.size());
  Tensor words = at::empty({2, rows, 1}, at::kLong);
  auto* word = words.mutable_data_ptr<std::int64_t>();
  for (std::int64_t r = 0; r < rows; ++r) {
    word[r] = keys[r].first;
    word[rows + r] = keys[r].second;
  }
  words = words.to(device);
  // random_bits in 64-bit integers, which every device has: products may wrap, their low 32 bits are right.
  const auto low = [](const Tensor& x) { return x.bitwise_and(0xffffffffll); };
  const auto shifted = [](const Tensor& x, int by) { return x.bitwise_xor(x.bitwise_right_shift(by)); };
  const Tensor channel = at::arange(first_channel, first_channel + channels, words.options());
  Tensor x = low(words[0] + channel * static_cast<std::int64_t>(kChannelStep));
  x = low(shifted(x, 16) * static_cast<std::int64_t>(kFirstFactor));
  x = x.bitwise_xor(words[1]);
  x = low(shifted(x, 15) * static_cast<std::int64_t>(kSecondFactor));
  x = shifted(x, 16);
  return x.ge(static_cast<std::int64_t>(drop_threshold(p))).to(at::kFloat) * static_cast<float>(1 / (1 - p));
}

namespace {

template <class T>
void drop_tensor(const Tensor& x, Tensor& out, const std::vector<RowKey>& keys, double p) {
  const std::int64_t channels = x.size(1);
  const auto* from = static_cast<const T*>(x.const_data_ptr());
  auto* to = static_cast<T*>(out.mutable_data_ptr());
  const auto scale = static_cast<float>(1 / (1 - p));
  at::parallel_for(0, x.size(0), std::max<std::int64_t>(1, 32768 / std::max<std::int64_t>(1, channels)), [&](std::int64_t begin, std::int64_t end) {
    drop_rows(from + begin * channels, to + begin * channels, keys.data() + begin, end - begin, channels, drop_threshold(p), scale);
  });
}

}  // namespace

Tensor dropped(const Tensor& x, const std::vector<RowKey>& keys, double p) {
  const Tensor in = x.contiguous();
  Tensor out = at::empty_like(in);
  if (in.scalar_type() == at::kBFloat16) {
    drop_tensor<Bf16>(in, out, keys, p);
  } else {
    drop_tensor<float>(in, out, keys, p);
  }
  return out;
}

namespace {

struct Rows final : torch::CustomClassHolder {
  std::vector<RowKey> keys;
  double p = 0;
};

// The mask is drawn again in the backward pass rather than kept.
class Drop final : public torch::autograd::Function<Drop> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* ctx, const Tensor& x, const c10::intrusive_ptr<Rows>& rows) {
    ctx->saved_data["rows"] = c10::IValue::make_capsule(rows);
    return dropped(x, rows->keys, rows->p);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, const torch::autograd::variable_list& gradients) {
    const auto holder = ctx->saved_data["rows"].toCapsule();
    const auto& rows = static_cast<const Rows&>(*holder);
    return {dropped(gradients[0], rows.keys, rows.p), Tensor()};
  }
};

}  // namespace
}  // namespace nn

Tensor dropout(const Tensor& x, double p, int site, const ForwardContext& context) {
  if (!context.training || p == 0) return x;
  auto rows = c10::make_intrusive<nn::Rows>();
  rows->keys = nn::row_keys(context, site);
  rows->p = p;
  if (context.plain || !x.device().is_cpu()) {
    return (x.to(at::kFloat) * nn::dropout_mask(rows->keys, x.size(1), 0, p, x.device())).to(x.scalar_type());
  }
  return nn::Drop::apply(x, rows);
}

}  // namespace temper
