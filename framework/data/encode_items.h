// Items become Examples: the prompt's template, the tokenizer, the longest length, and the label's class.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <temper/dataset.h>
#include <temper/example.h>
#include <temper/prompt.h>
#include <temper/task.h>
#include <temper/tokenizer.h>

namespace temper::data {

struct EncodedItem {
  Example example;
  std::int64_t dropped_tokens = 0;  // cut off by max_length
};

struct EncodedSplit {
  std::vector<Example> examples;    // in the order of the split
  std::int64_t truncated_items = 0;
  std::int64_t dropped_tokens = 0;
};

// Thread-safe. An item with `input_ids` (and perhaps `token_type_ids`) is taken as it is, without template and tokenizer; any
// other is rendered by prompt.input and tokenized with the model's special tokens. An item without any token (an empty text
// and a tokenizer that adds none) becomes the single token bos, else eos, which is what reading the last token of a padded
// row comes to elsewhere.
class ItemEncoder {
 public:
  // `tokenizer` may be null when every item brings its ids; it must outlive the encoder. `max_length` counts special tokens.
  // `vocabulary` is the model's: an id at or above it is an Error, never a read outside the embedding.
  ItemEncoder(TaskInfo task, const PromptOptions& prompt, const Tokenizer* tokenizer, std::optional<std::int64_t> max_length,
              std::optional<std::int64_t> vocabulary = {});

  // For prediction: `labels` stays empty.
  EncodedItem encode(const Item& item) const;
  // For training and evaluation. Throws Error naming the item when a target is missing, not of the task's kind, or not one of
  // its labels.
  EncodedItem encode(const Item& item, const Targets& targets) const;
  // The same for all rows, on `threads` threads; the first error by row order is thrown.
  EncodedSplit encode(const Split& split, int threads) const;

 private:
  void check_vocabulary(const Item& item, const std::vector<std::int32_t>& ids) const;

  TaskInfo task_;
  Template input_;
  const Tokenizer* tokenizer_;
  std::optional<std::int64_t> max_length_, vocabulary_;
  std::unordered_map<std::string, std::int64_t> class_of_;
};

}  // namespace temper::data
