// Order and packing of training items.
#include "training/data_order.h"

#include <algorithm>

#include "data/shuffle.h"

namespace temper::training {

std::vector<std::size_t> epoch_order(std::int64_t items, std::uint64_t seed, std::int64_t epoch) {
  return data::shuffled_order(static_cast<std::size_t>(items), data::random_bits(seed, static_cast<std::uint64_t>(epoch)));
}

DataOrder::DataOrder(std::span<const Example> examples, const StepPlan& plan, std::int64_t batch_size, std::uint64_t seed)
    : examples_(examples), plan_(plan), batch_size_(batch_size), seed_(seed) {}

std::vector<std::vector<std::size_t>> DataOrder::micro_batches(std::int64_t step) {
  const std::int64_t epoch = step / plan_.steps_per_epoch;
  if (epoch != epoch_) {
    order_ = epoch_order(plan_.items, seed_, epoch);
    epoch_ = epoch;
  }
  const std::int64_t first = (step % plan_.steps_per_epoch) * plan_.items_per_step;
  const std::int64_t end = std::min(first + plan_.items_per_step, plan_.items);
  std::vector<std::vector<std::size_t>> batches;
  for (std::int64_t at = first; at < end; at += batch_size_) {
    auto& batch = batches.emplace_back(order_.begin() + at, order_.begin() + std::min(at + batch_size_, end));
    sort_by_length(examples_, batch);
  }
  return batches;
}

void sort_by_length(std::span<const Example> examples, std::vector<std::size_t>& indices) {
  std::stable_sort(indices.begin(), indices.end(), [&](std::size_t a, std::size_t b) { return examples[a].ids.size() < examples[b].ids.size(); });
}

Batch pack(std::span<const Example> examples, std::span<const std::size_t> indices) {
  Batch batch;
  for (const std::size_t index : indices) append(batch, examples[index]);
  return batch;
}

}  // namespace temper::training
