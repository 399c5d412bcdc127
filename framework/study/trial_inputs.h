// What trials read, loaded once per worker and shared by its trials: splits, tokenizers, encoded items.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <temper/embeddings.h>
#include <temper/retriever.h>
#include <temper/task.h>
#include <temper/tokenizer.h>
#include <temper/value.h>

#include "data/encode_items.h"
#include "data/load_splits.h"
#include "data/open_tokenizer.h"
#include "study/kept_model.h"

namespace temper::registry {
class Registry;
}
namespace temper::inference {
class FrozenStore;  // needs torch: made by whoever trains
}

namespace temper::study {

// The plugin's part of a resolved table [dataset]: all but the framework's keys.
Value dataset_plugin_options(const Value& dataset_table);
data::Splits load_trial_splits(const registry::Registry& registry, const Value& dataset_table, Task task);

// A few values by the text of what they were made from; the least recently used one goes first.
template <class T>
class RecentlyUsed {
 public:
  explicit RecentlyUsed(std::size_t capacity) : capacity_(capacity) {}

  template <class Make>
  std::shared_ptr<const T> get(const std::string& key, Make make) {
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (entry->first != key) continue;
      entries_.splice(entries_.begin(), entries_, entry);
      return entries_.front().second;
    }
    auto made = std::make_shared<const T>(make());
    entries_.emplace_front(key, made);
    if (entries_.size() > capacity_) entries_.pop_back();
    return made;
  }

 private:
  std::size_t capacity_;
  std::list<std::pair<std::string, std::shared_ptr<const T>>> entries_;
};

// Which items, made from what: the key of an encoded split.
struct EncodeRequest {
  const Split* split = nullptr;
  std::string split_key;  // tells the split apart within the dataset: "train", "validation", "test"
  const Value* dataset = nullptr;
  const Value* prompt = nullptr;
  std::filesystem::path tokenizer;
  data::EncodeSettings settings;
  TaskInfo task;
  int threads = 1;
};

class TrialInputs {
 public:
  explicit TrialInputs(const registry::Registry& registry) : registry_(registry) {}

  std::shared_ptr<const data::Splits> splits(const Value& dataset_table, Task task);
  // Null when `path` has no tokenizer: items must then bring their ids.
  std::shared_ptr<const Tokenizer> tokenizer(const std::filesystem::path& path);
  std::shared_ptr<const data::EncodedSplit> encoded(const EncodeRequest& request);
  // Vectors of items; `key` tells all that they are made from.
  std::shared_ptr<const Embeddings> embeddings(const std::string& key, const std::function<Embeddings()>& make) { return embeddings_.get(key, make); }
  // An index, with whatever its retriever has opened; `key` is retrieval::index_key.
  std::shared_ptr<const Retriever> retriever(const std::string& key, const std::function<std::unique_ptr<Retriever>()>& make) {
    const auto holder = retrievers_.get(key, make);
    return {holder, holder->get()};
  }

  // The last one: trials that train nothing, or the last layers, need not open the same model again. To be emptied before another one is opened.
  KeptModel& kept_model() { return kept_model_; }
  // States of frozen layers; null until a trial trains above some.
  std::shared_ptr<inference::FrozenStore>& frozen_store() { return frozen_store_; }

 private:
  const registry::Registry& registry_;
  KeptModel kept_model_;
  std::shared_ptr<inference::FrozenStore> frozen_store_;
  RecentlyUsed<data::Splits> splits_{4};
  RecentlyUsed<std::unique_ptr<Tokenizer>> tokenizers_{4};
  RecentlyUsed<data::EncodedSplit> encoded_{12};
  RecentlyUsed<Embeddings> embeddings_{4};
  RecentlyUsed<std::unique_ptr<Retriever>> retrievers_{4};
};

}  // namespace temper::study
