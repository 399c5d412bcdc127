// Softmax attention within each sequence of a packed batch: block-diagonal by construction, since every sequence is computed
// by itself. Three ways, equal within rounding:
//   kernel    CPU; all but long sequences, and these too with dropout or a window; gradients by hand
//   fused     scaled_dot_product_attention on groups of equal length; no dropout, no window
//   explicit  softmax of a score matrix in float32; the plain twin runs it one sequence at a time
//
// Shapes: N packed tokens, B sequences, H query heads, K key-value heads, D head width, T tokens of a sequence, Q queries of one
// (T, or 1 where only context.read is wanted).
#include <temper/torch/forward.h>

#include <algorithm>
#include <limits>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <temper/error.h>

#include "nn/attention_kernel.h"
#include "nn/cached_attention.h"
#include "nn/dropout.h"

namespace temper {
namespace nn {
namespace {

// Lengths from which libtorch's fused attention takes less time than the kernel, which is made for short texts (measured with 12
// heads of 64 on AVX-512; its backward pass costs more than the kernel's up to 512 tokens).
constexpr std::int64_t kFusedFrom = 128, kFusedWithGradientFrom = 1024;

// The position within its sequence of the first query of each sequence: 0, or that of the token that is read.
std::vector<std::int64_t> query_positions(const ForwardContext& context) {
  const Batch& batch = context.input->host;
  std::vector<std::int64_t> positions(batch.size(), 0);
  if (context.read.defined()) {
    const Tensor read = context.read.to(at::kCPU).contiguous();
    for (std::int64_t b = 0; b < batch.size(); ++b) positions[b] = read.const_data_ptr<std::int64_t>()[b] - batch.starts[b];
  }
  return positions;
}

// ---- kernel

struct Plan final : torch::CustomClassHolder {
  AttentionShape shape;
  std::vector<AttentionSequence> sequences;
};

c10::intrusive_ptr<Plan> plan_for(const Tensor& q, const Tensor& k, const AttentionOptions& options, const ForwardContext& context) {
  auto plan = c10::make_intrusive<Plan>();
  plan->shape = {q.size(1), k.size(1), q.size(2), static_cast<float>(options.scale), options.causal, options.window, 0, 1};
  const bool drops = context.training && options.dropout > 0;
  if (drops) {
    plan->shape.drop_threshold = drop_threshold(options.dropout);
    plan->shape.keep_scale = static_cast<float>(1 / (1 - options.dropout));
  }
  const Batch& batch = context.input->host;
  const std::vector<std::int64_t> positions = query_positions(context);
  for (std::int64_t b = 0; b < batch.size(); ++b) {
    const std::int64_t first = batch.starts[b], length = batch.starts[b + 1] - first;
    AttentionSequence sequence{first, length, first, length, 0, drops ? sequence_key(context, b, options.site) : 0};
    if (context.read.defined()) {
      sequence.first_query = b;
      sequence.queries = 1;
      sequence.query_position = positions[b];
    }
    plan->sequences.push_back(sequence);
  }
  return plan;
}

template <class T>
HeadRows<const T> rows_of(const Tensor& x) {
  return {static_cast<const T*>(x.const_data_ptr()), x.stride(0), x.stride(1)};
}
template <class T>
HeadRows<T> writable_rows_of(Tensor& x) {
  return {static_cast<T*>(x.mutable_data_ptr()), x.stride(0), x.stride(1)};
}

// Every key-value head of every sequence is one piece of work.
template <class Work>
void for_each_head(const Plan& plan, const Work& work) {
  const std::int64_t heads = plan.shape.key_heads;
  at::parallel_for(0, static_cast<std::int64_t>(plan.sequences.size()) * heads, 1, [&](std::int64_t begin, std::int64_t end) {
    Scratch scratch;
    for (std::int64_t i = begin; i < end; ++i) work(plan.sequences[i / heads], i % heads, scratch);
  });
}

class Attend final : public torch::autograd::Function<Attend> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* ctx, const Tensor& q, const Tensor& k, const Tensor& v,
                        const c10::intrusive_ptr<Plan>& plan) {
    ctx->save_for_backward({q, k, v});
    ctx->saved_data["plan"] = c10::IValue::make_capsule(plan);
    Tensor out = at::empty(q.sizes(), q.options().memory_format(at::MemoryFormat::Contiguous));
    if (q.scalar_type() == at::kBFloat16) {
      run_forward<Bf16>(*plan, q, k, v, out);
    } else {
      run_forward<float>(*plan, q, k, v, out);
    }
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, const torch::autograd::variable_list& gradients) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &q = saved[0], &k = saved[1], &v = saved[2];
    const auto holder = ctx->saved_data["plan"].toCapsule();
    const auto& plan = static_cast<const Plan&>(*holder);
    const Tensor d_out = gradients[0].contiguous();
    const auto empty = [](const Tensor& x) { return at::empty(x.sizes(), x.options().memory_format(at::MemoryFormat::Contiguous)); };
    Tensor dq = empty(q), dk = empty(k), dv = empty(v);
    if (q.scalar_type() == at::kBFloat16) {
      run_backward<Bf16>(plan, q, k, v, d_out, dq, dk, dv);
    } else {
      run_backward<float>(plan, q, k, v, d_out, dq, dk, dv);
    }
    return {dq, dk, dv, Tensor()};
  }

 private:
  template <class T>
  static void run_forward(const Plan& plan, const Tensor& q, const Tensor& k, const Tensor& v, Tensor& out) {
    for_each_head(plan, [&](const AttentionSequence& sequence, std::int64_t head, Scratch& scratch) {
      attention_forward<T>(plan.shape, sequence, head, rows_of<T>(q), rows_of<T>(k), rows_of<T>(v), writable_rows_of<T>(out), scratch);
    });
  }
  template <class T>
  static void run_backward(const Plan& plan, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& d_out, Tensor& dq,
                           Tensor& dk, Tensor& dv) {
    for_each_head(plan, [&](const AttentionSequence& sequence, std::int64_t head, Scratch& scratch) {
      attention_backward<T>(plan.shape, sequence, head, rows_of<T>(q), rows_of<T>(k), rows_of<T>(v), rows_of<T>(d_out),
                            writable_rows_of<T>(dq), writable_rows_of<T>(dk), writable_rows_of<T>(dv), scratch);
    });
  }
};

// ---- groups of equal length

// [count * T, heads, D] -> [count, heads, T, D]; a view.
Tensor heads_first(const Tensor& x, std::int64_t count) {
  return x.reshape({count, x.size(0) / count, x.size(1), x.size(2)}).transpose(1, 2);
}

// The key-value heads repeated for the query heads that share them; dimension 1.
Tensor repeated(const Tensor& x, std::int64_t heads) { return x.size(1) == heads ? x : x.repeat_interleave(heads / x.size(1), 1); }

struct Group {
  std::int64_t first_sequence, count, length;
};

// Which keys each query of a group sees: [count, 1, Q, T] bool, undefined when all are seen.
Tensor seen_keys(const Group& group, const std::vector<std::int64_t>& positions, std::int64_t queries, const AttentionOptions& options,
                 at::Device device) {
  if (!options.causal && options.window == 0) return {};
  std::vector<std::int64_t> at_position;
  for (std::int64_t i = 0; i < group.count; ++i) {
    for (std::int64_t t = 0; t < queries; ++t) at_position.push_back(positions[group.first_sequence + i] + t);
  }
  const Tensor query = at::tensor(at_position).view({group.count, 1, queries, 1}).to(device);
  const Tensor key = at::arange(group.length, query.options());
  Tensor seen = options.causal ? key.le(query) : at::ones_like(key, at::kBool).expand({group.count, 1, queries, group.length});
  if (options.window > 0) seen = seen.logical_and(key.gt(query - options.window));
  return seen;
}

// Masks of the probabilities of a group, [count, H, Q, T].
Tensor probability_masks(const Group& group, const std::vector<std::int64_t>& positions, std::int64_t heads, std::int64_t queries,
                         const AttentionOptions& options, const ForwardContext& context, at::Device device) {
  std::vector<RowKey> keys;
  for (std::int64_t i = 0; i < group.count; ++i) {
    const std::int64_t b = group.first_sequence + i;
    const std::uint64_t key = sequence_key(context, b, options.site);
    for (std::int64_t t = 0; t < queries; ++t) keys.push_back(row_key(key, positions[b] + t));
  }
  std::vector<Tensor> masks;
  for (std::int64_t h = 0; h < heads; ++h) {
    masks.push_back(dropout_mask(keys, group.length, probability_channel(h, 0), options.dropout, device)
                        .view({group.count, queries, group.length}));
  }
  return at::stack(masks, 1);
}

// q [count, H, Q, D], k and v [count, H, T, D].
Tensor explicit_group(const Tensor& q, const Tensor& k, const Tensor& v, const Group& group, const std::vector<std::int64_t>& positions,
                      const AttentionOptions& options, const ForwardContext& context) {
  Tensor scores = at::matmul(q.to(at::kFloat) * options.scale, k.to(at::kFloat).transpose(2, 3));  // [count, H, Q, T]
  const Tensor seen = seen_keys(group, positions, q.size(2), options, q.device());
  if (seen.defined()) scores = scores.masked_fill(seen.logical_not(), -std::numeric_limits<float>::infinity());
  Tensor probabilities = at::softmax(scores, -1);
  if (context.training && options.dropout > 0) {
    probabilities = probabilities * probability_masks(group, positions, q.size(1), q.size(2), options, context, q.device());
  }
  return at::matmul(probabilities, v.to(at::kFloat)).to(v.scalar_type());
}

Tensor fused_group(const Tensor& q, const Tensor& k, const Tensor& v, const Group& group, const std::vector<std::int64_t>& positions,
                   const AttentionOptions& options, const ForwardContext& context) {
  // A single query that does not see everything needs a mask; whole sequences have the causal fast path.
  c10::optional<Tensor> mask;
  if (context.read.defined()) {
    const Tensor seen = seen_keys(group, positions, q.size(2), options, q.device());
    if (seen.defined()) mask = seen;
  }
  return at::scaled_dot_product_attention(q, k, v, mask, 0, options.causal && !context.read.defined(), options.scale);
}

using GroupAttention = Tensor (*)(const Tensor&, const Tensor&, const Tensor&, const Group&, const std::vector<std::int64_t>&,
                                  const AttentionOptions&, const ForwardContext&);

// One split of each input and one concatenation, so that the backward pass does not fill a whole gradient per group.
Tensor by_groups(const Tensor& q, const Tensor& k, const Tensor& v, const std::vector<Group>& groups, const AttentionOptions& options,
                 const ForwardContext& context, GroupAttention attention) {
  const std::vector<std::int64_t> positions = query_positions(context);
  std::vector<std::int64_t> query_rows, key_rows;
  for (const Group& group : groups) {
    key_rows.push_back(group.count * group.length);
    query_rows.push_back(context.read.defined() ? group.count : group.count * group.length);
  }
  const auto qs = q.split_with_sizes(query_rows), ks = k.split_with_sizes(key_rows), vs = v.split_with_sizes(key_rows);
  std::vector<Tensor> out;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const std::int64_t count = groups[g].count;
    const Tensor mixed = attention(heads_first(qs[g], count), repeated(heads_first(ks[g], count), q.size(1)),
                                   repeated(heads_first(vs[g], count), q.size(1)), groups[g], positions, options, context);
    out.push_back(mixed.transpose(1, 2).reshape({query_rows[g], q.size(1) * q.size(2)}));
  }
  return at::cat(out);
}

std::vector<Group> single_sequences(const Batch& batch) {
  std::vector<Group> groups;
  for (std::int64_t b = 0; b < batch.size(); ++b) groups.push_back({b, 1, batch.starts[b + 1] - batch.starts[b]});
  return groups;
}

std::vector<Group> equal_lengths(const PackedInput& input) {
  std::vector<Group> groups;
  std::int64_t sequence = 0;
  for (const LengthGroup& group : input.groups) {
    groups.push_back({sequence, group.count, group.length});
    sequence += group.count;
  }
  return groups;
}

}  // namespace
}  // namespace nn

Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& wanted, const ForwardContext& context) {
  const PackedInput& input = *context.input;
  AttentionOptions options = wanted;
  if (q.dim() != 3 || k.dim() != 3 || v.sizes() != k.sizes() || q.size(1) % k.size(1) != 0 || q.size(2) != k.size(2)) {
    throw Error("attend was given q, k and v whose heads do not fit");
  }
  if (context.cached) return nn::attend_cached(q, k, v, options, context);
  if (context.plain) return nn::by_groups(q, k, v, nn::single_sequences(input.host), options, context, nn::explicit_group);
  std::int64_t longest = 0;
  for (const LengthGroup& group : input.groups) longest = std::max(longest, group.length);
  if (options.window >= longest) options.window = 0;  // it hides nothing, and the fused way has none
  const bool drops = context.training && options.dropout > 0;
  const bool can_fuse = !drops && options.window == 0;
  if (!q.device().is_cpu()) {
    return nn::by_groups(q, k, v, nn::equal_lengths(input), options, context, can_fuse ? nn::fused_group : nn::explicit_group);
  }
  const bool records = c10::GradMode::is_enabled() && (q.requires_grad() || k.requires_grad() || v.requires_grad());
  if (can_fuse && longest >= (records ? nn::kFusedWithGradientFrom : nn::kFusedFrom) && !context.read.defined()) {
    return nn::by_groups(q, k, v, nn::equal_lengths(input), options, context, nn::fused_group);
  }
  const auto with_unit_stride = [](const Tensor& x) { return x.stride(2) == 1 ? x : x.contiguous(); };
  const Tensor out = nn::Attend::apply(with_unit_stride(q), with_unit_stride(k), with_unit_stride(v), nn::plan_for(q, k, options, context));
  return out.flatten(1);
}

}  // namespace temper
