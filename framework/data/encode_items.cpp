// From items to token ids and classes.
#include "data/encode_items.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>

#include <temper/error.h>

namespace temper::data {

namespace {

Error item_error(const Item& item, const std::string& what, std::string remedy = {}) { return Error("item \"" + item.id + "\" " + what, std::move(remedy)); }

std::vector<std::int32_t> narrow(const Item& item, const char* field, const std::vector<std::int64_t>& ids) {
  std::vector<std::int32_t> narrow;
  narrow.reserve(ids.size());
  for (const std::int64_t id : ids) {
    if (id < 0 || id > std::numeric_limits<std::int32_t>::max()) throw item_error(item, std::string("has ") + std::to_string(id) + " in " + field + ", expected token ids from 0");
    narrow.push_back(static_cast<std::int32_t>(id));
  }
  return narrow;
}

EncodedItem take_ids(const Item& item, const std::vector<std::int64_t>& ids, std::optional<std::int64_t> max_length) {
  EncodedItem encoded;
  Example& example = encoded.example;
  example.ids = narrow(item, kInputIdsField, ids);
  if (const auto* types = item.fields.ids(kTokenTypeIdsField)) example.type_ids = narrow(item, kTokenTypeIdsField, *types);
  if (!example.type_ids.empty() && example.type_ids.size() != example.ids.size())
    throw item_error(item, "has " + std::to_string(example.ids.size()) + " input_ids and " + std::to_string(example.type_ids.size()) + " token_type_ids");
  if (example.ids.empty()) throw item_error(item, "has no token ids");
  if (max_length && static_cast<std::int64_t>(example.ids.size()) > *max_length) {
    encoded.dropped_tokens = static_cast<std::int64_t>(example.ids.size()) - *max_length;
    example.ids.resize(static_cast<std::size_t>(*max_length));
    if (!example.type_ids.empty()) example.type_ids.resize(example.ids.size());
  }
  return encoded;
}

EncodedItem tokenize(const Item& item, const std::string& text, const Tokenizer& tokenizer, std::optional<std::int64_t> max_length) {
  Encoding encoding = tokenizer.encode(text, {.add_special_tokens = true, .max_length = max_length});
  EncodedItem encoded;
  encoded.dropped_tokens = encoding.dropped_tokens;
  encoded.example.ids = std::move(encoding.ids);
  const bool has_types = std::any_of(encoding.type_ids.begin(), encoding.type_ids.end(), [](std::int32_t type) { return type != 0; });
  if (has_types) encoded.example.type_ids = std::move(encoding.type_ids);
  if (encoded.example.ids.empty()) {
    const SpecialIds special = tokenizer.special_ids();
    const auto only = special.bos ? special.bos : special.eos;
    if (!only) throw item_error(item, "has no token: its text is empty, and the tokenizer has no bos or eos that could stand for it");
    encoded.example.ids = {*only};
  }
  return encoded;
}

}  // namespace

ItemEncoder::ItemEncoder(TaskInfo task, const PromptOptions& prompt, const Tokenizer* tokenizer, std::optional<std::int64_t> max_length,
                         std::optional<std::int64_t> vocabulary)
    : task_(std::move(task)), input_(prompt.input), tokenizer_(tokenizer), max_length_(max_length), vocabulary_(vocabulary) {
  if (max_length_ && *max_length_ < 1) throw Error("max_length is " + std::to_string(*max_length_) + ", expected at least 1");
  for (std::size_t i = 0; i < task_.labels.size(); ++i) class_of_.emplace(task_.labels[i], static_cast<std::int64_t>(i));
}

EncodedItem ItemEncoder::encode(const Item& item) const {
  EncodedItem encoded;
  if (const auto* ids = item.fields.ids(kInputIdsField)) {
    encoded = take_ids(item, *ids, max_length_);
  } else {
    if (!tokenizer_) throw item_error(item, "is text, and the checkpoint has no tokenizer", "put its tokenizer's files beside config.json, or give input_ids");
    encoded = tokenize(item, input_.render(item), *tokenizer_, max_length_);
  }
  check_vocabulary(item, encoded.example.ids);
  encoded.example.key = item_key(item.id);
  return encoded;
}

void ItemEncoder::check_vocabulary(const Item& item, const std::vector<std::int32_t>& ids) const {
  if (!vocabulary_ || ids.empty()) return;
  const std::int32_t largest = *std::max_element(ids.begin(), ids.end());
  if (largest >= *vocabulary_)
    throw item_error(item, "has the token id " + std::to_string(largest) + ", the model's vocabulary has " + std::to_string(*vocabulary_) + " tokens",
                     "do tokenizer and checkpoint belong together?");
}

EncodedItem ItemEncoder::encode(const Item& item, const Targets& targets) const {
  if (task_.task != Task::kClassification) throw Error("items of the task " + std::string(to_string(task_.task)) + " cannot be encoded for training");
  EncodedItem encoded = encode(item);
  if (targets.size() != 1) throw item_error(item, "has " + std::to_string(targets.size()) + " targets, expected one label");
  const Label* label = std::get_if<Label>(&targets[0]);
  if (!label) throw item_error(item, "has a target that is no label");
  const auto found = class_of_.find(label->name);
  if (found == class_of_.end()) throw item_error(item, "has the label \"" + label->name + "\", which is none of the task's", did_you_mean(label->name, task_.labels));
  encoded.example.labels = {found->second};
  return encoded;
}

EncodedSplit ItemEncoder::encode(const Split& split, int threads) const {
  constexpr std::size_t kRowsAtOnce = 64;
  EncodedSplit result;
  result.examples.resize(split.size());
  std::atomic<std::size_t> next{0};
  std::atomic<std::int64_t> truncated{0}, dropped{0};
  std::mutex mutex;
  std::size_t failed_row = split.size();
  std::exception_ptr failure;
  // All rows before a failing one are read, so the first failure by row order is the one that is kept.
  const auto work = [&] {
    for (std::size_t begin; (begin = next.fetch_add(kRowsAtOnce)) < split.size();) {
      for (std::size_t row = begin; row < std::min(begin + kRowsAtOnce, split.size()); ++row) {
        try {
          EncodedItem encoded = encode(split.item(row), split.targets(row));
          truncated += encoded.dropped_tokens > 0;
          dropped += encoded.dropped_tokens;
          result.examples[row] = std::move(encoded.example);
        } catch (...) {
          const std::lock_guard lock(mutex);
          if (row < failed_row) {
            failed_row = row;
            failure = std::current_exception();
          }
          next = split.size();
          break;
        }
      }
    }
  };
  std::vector<std::thread> pool;
  const std::size_t useful = (split.size() + kRowsAtOnce - 1) / kRowsAtOnce;
  for (std::size_t i = 1; i < std::min(useful, static_cast<std::size_t>(std::max(threads, 1))); ++i) pool.emplace_back(work);
  work();
  for (std::thread& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
  result.truncated_items = truncated;
  result.dropped_tokens = dropped;
  return result;
}

}  // namespace temper::data
