// Keeps keys and values, and attends to those that were kept.
//
// Shapes: N packed tokens, B sequences, H query heads, K key-value heads, D head width, R rows of the cache, Q rows of q (N, or B where
// only context.read is wanted).
#include "nn/cached_attention.h"

#include <limits>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <temper/error.h>

#include "nn/attention_parts.h"
#include "nn/key_value_cache.h"

namespace temper::nn {

namespace {

void check(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options, const ForwardContext& context) {
  const CachedTokens& cached = *context.cached;
  const std::size_t sequences = static_cast<std::size_t>(context.input->size());
  if (!cached.cache || cached.before.size() != sequences || cached.kept_at.size() != sequences) throw Error("the cache was made for another batch");
  if (c10::GradMode::is_enabled() && (q.requires_grad() || k.requires_grad() || v.requires_grad())) throw Error("no gradient goes through a cache of keys and values");
  if (context.training && options.dropout > 0) throw Error("there is no dropout behind a cache of keys and values");
  if (!options.causal) throw Error("a model that reads in both directions cannot go on behind earlier tokens");
}

// Sequences beside each other whose rows lie beside each other are kept by one copy.
void keep(const Tensor& k, const Tensor& v, const ForwardContext& context) {
  const CachedTokens& cached = *context.cached;
  const auto& starts = context.input->host.starts;
  for (std::size_t b = 0; b < cached.kept_at.size();) {
    std::size_t end = b + 1;
    if (cached.kept_at[b] >= 0) {
      while (end < cached.kept_at.size() && cached.kept_at[end] == cached.kept_at[b] + starts[end] - starts[b]) ++end;
      cached.cache->store(context.layer, cached.kept_at[b], k, v, starts[b], starts[end] - starts[b]);
    }
    b = end;
  }
}

// Rows of q by sequence, and where each of them stands in its whole sequence.
struct Queries {
  std::vector<std::int64_t> starts;     // [B + 1]
  std::vector<std::int64_t> positions;  // [Q]
};

Queries queries_of(const ForwardContext& context) {
  const Batch& batch = context.input->host;
  const Tensor read = context.read.defined() ? context.read.to(at::kCPU).contiguous() : Tensor();
  Queries queries{{0}, {}};
  for (std::int64_t b = 0; b < batch.size(); ++b) {
    const std::int64_t before = context.cached->length_before(b), first = batch.starts[b];
    if (read.defined()) queries.positions.push_back(before + read.const_data_ptr<std::int64_t>()[b] - first);
    else for (std::int64_t t = 0; t < batch.starts[b + 1] - first; ++t) queries.positions.push_back(before + t);
    queries.starts.push_back(static_cast<std::int64_t>(queries.positions.size()));
  }
  return queries;
}

// ---- parts

using Pass = std::vector<AttentionPart>;  // no two parts of a pass have a query in common

// What lies in the cache before each sequence; its own keys too, where these were kept right behind the last range, as those of a text
// that is being continued are.
std::vector<std::vector<CacheRange>> ranges_of(const ForwardContext& context, std::vector<bool>& has_own) {
  const CachedTokens& cached = *context.cached;
  const auto& starts = context.input->host.starts;
  std::vector<std::vector<CacheRange>> ranges = cached.before;
  has_own.assign(ranges.size(), false);
  for (std::size_t b = 0; b < ranges.size(); ++b) {
    if (cached.kept_at[b] < 0 || ranges[b].empty() || ranges[b].back().first + ranges[b].back().length != cached.kept_at[b]) continue;
    ranges[b].back().length += starts[b + 1] - starts[b];
    has_own[b] = true;
  }
  return ranges;
}

Pass own_keys(const Queries& queries, const ForwardContext& context, const std::vector<bool>& has_own) {
  Pass pass;
  const auto& starts = context.input->host.starts;
  for (std::int64_t b = 0; b < context.input->size(); ++b) {
    if (has_own[b]) continue;
    pass.push_back({starts[b], starts[b + 1] - starts[b], context.cached->length_before(b), queries.starts[b], queries.starts[b + 1] - queries.starts[b]});
  }
  return pass;
}

constexpr std::int64_t kQueriesOfAPart = 512;  // a long run of queries is cut for the sake of threads

// Pass i holds the i-th range of every sequence that has one; sequences beside each other with the same range are one part.
std::vector<Pass> cached_keys(const Queries& queries, const std::vector<std::vector<CacheRange>>& ranges) {
  std::vector<Pass> passes;
  std::vector<std::int64_t> position(ranges.size(), 0);
  bool more = true;
  for (std::size_t i = 0; more; ++i) {
    more = false;
    Pass pass;
    for (std::size_t b = 0; b < ranges.size();) {
      std::size_t end = b + 1;
      if (i >= ranges[b].size()) {
        b = end;
        continue;
      }
      more = true;
      const CacheRange range = ranges[b][i];
      while (end < ranges.size() && i < ranges[end].size() && ranges[end][i] == range && position[end] == position[b]) ++end;
      for (std::int64_t first = queries.starts[b]; first < queries.starts[end]; first += kQueriesOfAPart) {
        pass.push_back({range.first, range.length, position[b], first, std::min(kQueriesOfAPart, queries.starts[end] - first)});
      }
      for (std::size_t other = b; other < end; ++other) position[other] += range.length;
      b = end;
    }
    if (more) passes.push_back(std::move(pass));
  }
  return passes;
}

template <class T>
HeadRows<const T> rows_of(const Tensor& x) {
  return {static_cast<const T*>(x.const_data_ptr()), x.stride(0), x.stride(1)};
}

template <class T>
Tensor by_parts(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options, const ForwardContext& context) {
  const AttentionShape shape{q.size(1), k.size(1), q.size(2), static_cast<float>(options.scale), options.causal, options.window, 0, 1};
  const Queries queries = queries_of(context);
  Tensor out = at::zeros(q.sizes(), q.options().dtype(at::kFloat).memory_format(at::MemoryFormat::Contiguous));
  std::vector<float> log_sums(static_cast<std::size_t>(q.size(0) * q.size(1)), -std::numeric_limits<float>::infinity());
  const AttentionSums sums{{out.mutable_data_ptr<float>(), out.stride(0), out.stride(1)}, log_sums.data()};
  const auto run = [&](const Pass& pass, const Tensor& keys, const Tensor& values) {
    const std::int64_t heads = shape.key_heads;
    at::parallel_for(0, static_cast<std::int64_t>(pass.size()) * heads, 1, [&](std::int64_t begin, std::int64_t end) {
      Scratch scratch;
      for (std::int64_t i = begin; i < end; ++i) {
        const AttentionPart& part = pass[static_cast<std::size_t>(i / heads)];
        const auto add = part.queries <= kFewQueries && shape.width % kFewWidth == 0 ? add_attention_of_few<T> : add_attention_part<T>;
        add(shape, part, queries.positions.data(), i % heads, rows_of<T>(q), rows_of<T>(keys), rows_of<T>(values), sums, scratch);
      }
    });
  };
  std::vector<bool> has_own;
  const std::vector<Pass> passes = cached_keys(queries, ranges_of(context, has_own));
  run(own_keys(queries, context, has_own), k, v);
  for (const Pass& pass : passes) run(pass, context.cached->cache->keys(context.layer), context.cached->cache->values(context.layer));
  return out.to(q.scalar_type()).flatten(1);
}

// ---- explicit

Tensor repeated(const Tensor& x, std::int64_t heads) { return x.size(0) == heads ? x : x.repeat_interleave(heads / x.size(0), 0); }

Tensor one_sequence(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& positions, const AttentionOptions& options) {
  const auto heads_first = [&](const Tensor& x) { return x.to(at::kFloat).transpose(0, 1); };  // [heads, T, D]
  Tensor scores = at::matmul(heads_first(q) * options.scale, repeated(heads_first(k), q.size(1)).transpose(1, 2));  // [H, Q, T]
  const Tensor query = positions.unsqueeze(1), key = at::arange(k.size(0), positions.options()).unsqueeze(0);
  Tensor unseen = key.gt(query);
  if (options.window > 0) unseen = unseen.logical_or(key.le(query - options.window));
  scores = scores.masked_fill(unseen, -std::numeric_limits<float>::infinity());
  return at::matmul(at::softmax(scores, -1), repeated(heads_first(v), q.size(1))).transpose(0, 1).to(v.scalar_type()).flatten(1);
}

Tensor one_by_one(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options, const ForwardContext& context) {
  const CachedTokens& cached = *context.cached;
  const auto& starts = context.input->host.starts;
  const Queries queries = queries_of(context);
  const Tensor positions = at::tensor(queries.positions, at::kLong).to(q.device());
  std::vector<Tensor> out;
  for (std::int64_t b = 0; b < context.input->size(); ++b) {
    std::vector<Tensor> keys, values;
    for (const CacheRange& range : cached.before[static_cast<std::size_t>(b)]) {
      keys.push_back(cached.cache->keys(context.layer).narrow(0, range.first, range.length));
      values.push_back(cached.cache->values(context.layer).narrow(0, range.first, range.length));
    }
    keys.push_back(k.narrow(0, starts[b], starts[b + 1] - starts[b]));
    values.push_back(v.narrow(0, starts[b], starts[b + 1] - starts[b]));
    const std::int64_t first = queries.starts[b], count = queries.starts[b + 1] - first;
    out.push_back(one_sequence(q.narrow(0, first, count), at::cat(keys), at::cat(values), positions.narrow(0, first, count), options));
  }
  return at::cat(out);
}

}  // namespace

Tensor attend_cached(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options, const ForwardContext& context) {
  check(q, k, v, options, context);
  keep(k, v, context);
  bool all_begin = true;
  for (const auto& before : context.cached->before) all_begin = all_begin && before.empty();
  if (all_begin) {
    ForwardContext alone = context;
    alone.cached = nullptr;
    return attend(q, k, v, options, alone);
  }
  if (context.plain || !q.device().is_cpu()) return one_by_one(q, k, v, options, context);
  const auto with_unit_stride = [](const Tensor& x) { return x.stride(2) == 1 ? x : x.contiguous(); };
  const Tensor queries = with_unit_stride(q), keys = with_unit_stride(k), values = with_unit_stride(v);
  return q.scalar_type() == at::kBFloat16 ? by_parts<Bf16>(queries, keys, values, options, context) : by_parts<float>(queries, keys, values, options, context);
}

}  // namespace temper::nn
