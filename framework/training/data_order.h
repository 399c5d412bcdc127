// In which order items are trained on, and how they are packed: pure functions of seed, epoch and sizes, never of a
// generator's state, so that a resumed training goes on where it stopped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <temper/batch.h>
#include <temper/example.h>

#include "training/schedule.h"

namespace temper::training {

// A permutation of 0 .. items - 1 that depends on seed and epoch alone: not on batch sizes, not on the platform. Every release
// gives the same.
std::vector<std::size_t> epoch_order(std::int64_t items, std::uint64_t seed, std::int64_t epoch);

// The items of one optimizer step, in micro-batches of at most batch_size. Within a micro-batch sequences are sorted by length
// (stably), so that equal lengths lie side by side. `step` counts from 0 over all epochs; the last step of an epoch takes what is left.
class DataOrder {
 public:
  DataOrder(std::span<const Example> examples, const StepPlan& plan, std::int64_t batch_size, std::uint64_t seed);
  std::vector<std::vector<std::size_t>> micro_batches(std::int64_t step);

 private:
  std::span<const Example> examples_;
  StepPlan plan_;
  std::int64_t batch_size_;
  std::uint64_t seed_;
  std::int64_t epoch_ = -1;         // of `order_`, a cache
  std::vector<std::size_t> order_;
};

// Sorts indices of `examples` by length, shorter first; equal lengths keep their order.
void sort_by_length(std::span<const Example> examples, std::vector<std::size_t>& indices);

// The chosen examples one after another.
Batch pack(std::span<const Example> examples, std::span<const std::size_t> indices);

}  // namespace temper::training
