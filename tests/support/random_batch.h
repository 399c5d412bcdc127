// Packed batches for tests.
#pragma once

#include <cstdint>
#include <vector>

#include <temper/batch.h>

#include "nn/random_bits.h"

namespace temper::testing {

// One sequence per length; ids in [1, vocabulary) drawn from the item, so that an item is the same in every batch. `items` are the
// keys; by default 0, 1, 2, ...
inline Batch random_batch(const std::vector<std::int64_t>& lengths, std::int32_t vocabulary = 20, std::vector<std::uint64_t> items = {}) {
  Batch batch;
  batch.starts.push_back(0);
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    const std::uint64_t item = items.empty() ? b : items[b];
    for (std::int64_t t = 0; t < lengths[b]; ++t) {
      batch.ids.push_back(static_cast<std::int32_t>(1 + nn::mix64(item * 1000 + static_cast<std::uint64_t>(t)) % static_cast<std::uint64_t>(vocabulary - 1)));
      batch.positions.push_back(static_cast<std::int32_t>(t));
      batch.segments.push_back(0);
    }
    batch.starts.push_back(static_cast<std::int32_t>(batch.ids.size()));
    batch.items.push_back(item);
  }
  return batch;
}

}  // namespace temper::testing
