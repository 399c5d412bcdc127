// States of frozen blocks, computed once per item: for all epochs, evaluations and predictions of a trial, and for all trials of a
// process that freeze the same blocks of the same weights. In memory, bounded.
//
// Shapes: N packed tokens, B sequences, C width.
#pragma once

#include <cstdint>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <temper/example.h>
#include <temper/torch/headed_model.h>

namespace temper::inference {

// The rows of one split that are kept, in chunks of similar length. A chunk is always computed whole and in the same order, so that
// its bits depend on weights and split alone: not on who asked first, and not on where a training was resumed.
struct FrozenTable {
  std::string key;
  std::int64_t bytes = 0;             // reserved
  Tensor rows;                        // [kept rows, C]; undefined until the first chunk
  std::vector<std::string> computed_by;  // per chunk: the trial that computed it; empty: not there yet
};

// Tables of all trials of a process, by what decides their content.
class FrozenStore {
 public:
  // Makes room by dropping tables that nobody holds, the least recently opened first.
  std::shared_ptr<FrozenTable> open(const std::string& key, std::int64_t bytes, std::size_t chunks, std::int64_t bound_bytes);
  std::int64_t bytes() const;

 private:
  std::list<std::shared_ptr<FrozenTable>> tables_;  // the most recently opened first
};

class FrozenSplit;

// One trial's use of a store, for a model as it is frozen now.
class FrozenStates {
 public:
  struct Setup {
    HeadedModel& model;
    FrozenStore& store;
    // Names the weights of the places below `changed_from`; earlier phases trained those from there on, which `own_weights` names.
    std::string weights;
    std::int64_t changed_from = std::numeric_limits<std::int64_t>::max();
    std::string own_weights;
    std::string trial;  // "0002"
    std::set<std::string>& shared_with;  // filled: the trials whose work was used
    std::int64_t bound_bytes = 0;
    bool bf16 = false;
    at::Device device = at::kCPU;
  };
  explicit FrozenStates(Setup setup) : setup_(std::move(setup)) {}

  // The states of these examples, which must outlive the result. Null where no block is frozen. Memory goes to the splits in the order
  // of the calls, each as many chunks as fit; what does not fit is computed anew whenever it is asked for.
  std::unique_ptr<FrozenSplit> open(std::span<const Example> examples);

  std::int64_t left_out_items() const { return left_out_items_; }  // of all opened splits, for want of memory

 private:
  friend class FrozenSplit;
  Setup setup_;
  std::int64_t used_bytes_ = 0, left_out_items_ = 0;
  std::map<std::string, std::shared_ptr<FrozenTable>> opened_;  // held, so that no other trial takes their room
};

class FrozenSplit {
 public:
  FrozenSplit(FrozenStates& states, std::span<const Example> examples, std::int64_t place);
  // Of examples[batch[0]], examples[batch[1]], ... in this order.
  FrozenRows rows(std::span<const std::size_t> batch);
  // Whether the examples begin with these.
  bool begins_with(std::span<const Example> examples) const { return examples.data() == examples_.data() && examples.size() <= examples_.size(); }

 private:
  struct Place {
    std::size_t chunk = 0;
    std::int64_t first_row = 0;  // in the table, were all chunks kept
  };
  bool is_kept(std::size_t item) const { return places_[item].chunk < kept_chunks_; }
  std::int64_t rows_of(std::size_t item) const;
  void compute(std::size_t chunk);
  Tensor fresh_rows(std::span<const std::size_t> items);

  FrozenStates& states_;
  std::span<const Example> examples_;
  std::int64_t place_;
  bool is_pooled_;
  std::vector<std::size_t> order_;         // by length
  std::vector<std::size_t> chunk_begins_;  // in order_, and its size
  std::vector<Place> places_;              // per example
  std::size_t kept_chunks_ = 0;
  std::int64_t kept_rows_ = 0;
  std::shared_ptr<FrozenTable> table_;
};

}  // namespace temper::inference
