// Chunks of similar length, their rows in one table per split.
#include "inference/frozen_states.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <xxhash.h>

namespace temper::inference {

namespace {

// Enough for the products to run at full speed, few enough for their activations to stay near the caches.
constexpr std::int64_t kChunkTokens = 1024;

std::string content_of(std::span<const Example> examples) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), XXH3_freeState);
  XXH3_128bits_reset(state.get());
  const auto add = [&](const std::vector<std::int32_t>& values) {
    const std::uint64_t size = values.size();
    XXH3_128bits_update(state.get(), &size, sizeof size);
    XXH3_128bits_update(state.get(), values.data(), size * sizeof(std::int32_t));
  };
  for (const Example& example : examples) {
    add(example.ids);
    add(example.type_ids);
    for (const Part& part : example.parts) XXH3_128bits_update(state.get(), &part.begin, sizeof part.begin);
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high64), static_cast<unsigned long long>(hash.low64));
  return text;
}

}  // namespace

std::shared_ptr<FrozenTable> FrozenStore::open(const std::string& key, std::int64_t bytes, std::size_t chunks, std::int64_t bound_bytes) {
  for (auto table = tables_.begin(); table != tables_.end(); ++table) {
    if ((*table)->key != key) continue;
    tables_.splice(tables_.begin(), tables_, table);
    return tables_.front();
  }
  for (auto table = tables_.end(); table != tables_.begin() && this->bytes() + bytes > bound_bytes;) {
    --table;
    if (table->use_count() == 1) table = tables_.erase(table);
  }
  auto made = std::make_shared<FrozenTable>();
  made->key = key;
  made->bytes = bytes;
  made->computed_by.resize(chunks);
  tables_.push_front(made);
  return made;
}

std::int64_t FrozenStore::bytes() const {
  std::int64_t total = 0;
  for (const auto& table : tables_) total += table->bytes;
  return total;
}

std::unique_ptr<FrozenSplit> FrozenStates::open(std::span<const Example> examples) {
  const std::int64_t place = setup_.model.frozen_places();
  if (place < 1 || examples.empty()) return nullptr;
  return std::make_unique<FrozenSplit>(*this, examples, place);
}

FrozenSplit::FrozenSplit(FrozenStates& states, std::span<const Example> examples, std::int64_t place)
    : states_(states), examples_(examples), place_(place), is_pooled_(states.setup_.model.rows_are_pooled(place)), order_(examples.size()), places_(examples.size()) {
  const FrozenStates::Setup& setup = states.setup_;
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) { return examples[a].ids.size() < examples[b].ids.size(); });

  const std::string key = (place <= setup.changed_from ? setup.weights : setup.own_weights) + '\n' + std::to_string(place) + (is_pooled_ ? " pooled " : " all ") +
                          (setup.bf16 ? "bf16 " : "f32 ") + setup.device.str() + ' ' + content_of(examples);
  const std::int64_t row_bytes = setup.model.model().shape().width * static_cast<std::int64_t>(sizeof(float));
  std::int64_t row = 0, tokens = kChunkTokens;
  std::vector<std::int64_t> chunk_ends;  // in rows
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const std::int64_t length = static_cast<std::int64_t>(examples[order_[i]].ids.size());
    if (tokens + length > kChunkTokens) {
      chunk_begins_.push_back(i);
      chunk_ends.push_back(row);
      tokens = 0;
    }
    places_[order_[i]] = {chunk_begins_.size() - 1, row};
    row += rows_of(order_[i]);
    tokens += length;
    chunk_ends.back() = row;
  }
  chunk_begins_.push_back(order_.size());

  std::shared_ptr<FrozenTable>& opened = states.opened_[key];
  if (!opened) {
    const std::int64_t free_bytes = setup.bound_bytes - states.used_bytes_;
    std::size_t kept = 0;
    while (kept < chunk_ends.size() && chunk_ends[kept] * row_bytes <= free_bytes) ++kept;
    const std::int64_t bytes = kept > 0 ? chunk_ends[kept - 1] * row_bytes : 0;
    states.used_bytes_ += bytes;
    states.left_out_items_ += static_cast<std::int64_t>(order_.size() - chunk_begins_[kept]);
    opened = setup.store.open(key + ' ' + std::to_string(kept), bytes, kept, setup.bound_bytes);
  }
  table_ = opened;
  kept_chunks_ = table_->computed_by.size();
  kept_rows_ = kept_chunks_ > 0 ? chunk_ends[kept_chunks_ - 1] : 0;
}

std::int64_t FrozenSplit::rows_of(std::size_t item) const { return is_pooled_ ? 1 : static_cast<std::int64_t>(examples_[item].ids.size()); }

FrozenRows FrozenSplit::rows(std::span<const std::size_t> batch) {
  const c10::NoGradGuard no_grad;
  std::vector<std::int64_t> index;
  std::vector<std::size_t> fresh;
  for (const std::size_t item : batch) {
    const Place place = places_[item];
    if (!is_kept(item)) {
      fresh.push_back(item);
      continue;
    }
    if (table_->computed_by[place.chunk].empty()) compute(place.chunk);
    else if (table_->computed_by[place.chunk] != states_.setup_.trial) states_.setup_.shared_with.insert(table_->computed_by[place.chunk]);
    for (std::int64_t row = 0; row < rows_of(item); ++row) index.push_back(place.first_row + row);
  }
  const at::Device device = states_.setup_.device;
  Tensor kept;
  if (!index.empty()) kept = table_->rows.index_select(0, at::tensor(index, at::kLong).to(device));
  if (fresh.empty()) return {place_, kept};
  const Tensor others = fresh_rows(fresh);
  if (index.empty()) return {place_, others};

  // Kept rows stand first in `both`; here is where each row of the batch stands in it.
  std::int64_t next_kept = 0, next_fresh = kept.size(0);
  std::vector<std::int64_t> from;
  for (const std::size_t item : batch) {
    std::int64_t& next = is_kept(item) ? next_kept : next_fresh;
    for (std::int64_t row = 0; row < rows_of(item); ++row) from.push_back(next++);
  }
  return {place_, at::cat({kept, others}).index_select(0, at::tensor(from, at::kLong).to(device))};
}

void FrozenSplit::compute(std::size_t chunk) {
  const std::span<const std::size_t> items = std::span(order_).subspan(chunk_begins_[chunk], chunk_begins_[chunk + 1] - chunk_begins_[chunk]);
  const Tensor rows = fresh_rows(items);
  if (!table_->rows.defined()) table_->rows = at::empty({kept_rows_, rows.size(1)}, rows.options());
  table_->rows.narrow(0, places_[items.front()].first_row, rows.size(0)).copy_(rows);
  table_->computed_by[chunk] = states_.setup_.trial;
}

Tensor FrozenSplit::fresh_rows(std::span<const std::size_t> items) {
  Batch batch;
  for (const std::size_t item : items) append(batch, examples_[item]);
  const PackedInput input(batch, states_.setup_.device);
  ForwardContext context;
  context.input = &input;
  context.bf16 = states_.setup_.bf16;
  return states_.setup_.model.frozen_rows(context, place_).rows;
}

}  // namespace temper::inference
