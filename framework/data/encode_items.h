// Items become Examples: what a model reads of an item, and what it learns from its targets. One encoder per task.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <temper/dataset.h>
#include <temper/example.h>
#include <temper/prompt.h>
#include <temper/task.h>
#include <temper/tokenizer.h>

namespace temper::data {

// What examples are for. They differ for language modelling alone: training fills blocks with texts, an evaluation keeps each text apart
// and scores all of its tokens.
enum class EncodeFor { kTraining, kAnswers };

// How documents become blocks of max_length tokens: kept apart within a block; or, as transformers' run_clm does, one long text.
enum class Packing { kDocuments, kConcatenated };

struct EncodeSettings {
  std::optional<std::int64_t> max_length;  // with the special tokens
  std::optional<std::int64_t> vocabulary;  // the model's: an id at or above it is an Error, never a read outside the embedding
  std::int64_t doc_stride = 128;           // question answering: tokens that neighbouring windows of a context share
  bool completion_only_loss = true;        // generation: the prompt's tokens are not learned
  std::optional<std::int32_t> end_token = {};  // generation: what an answer ends with; by default the tokenizer's eos
  Packing packing = Packing::kDocuments;
  bool masked = false;                     // language modelling by a masked model, whose texts are framed by special tokens
  EncodeFor purpose = EncodeFor::kTraining;
};

// Where the answers of an example stand in its item: what reading them from logits needs beside the logits.
struct Reading {
  std::vector<ByteRange> places;   // question answering: the bytes of the context that each token covers; [0, 0) outside of it
  std::vector<std::int32_t> rows;  // token classification: for each word of the item its row of logits; -1: none, it was cut off
};

// One item; several examples where it is longer than the model reads at once and is read in windows.
struct EncodedItem {
  std::vector<Example> examples;
  std::vector<Reading> readings;    // one per example, or none where the task needs none
  std::int64_t dropped_tokens = 0;  // cut off by max_length
};

struct EncodedSplit {
  std::vector<Example> examples;    // in the order of the split
  std::vector<Reading> readings;    // as EncodedItem
  // [rows + 1]: the examples of row r are first[r] to first[r + 1]. Empty where an example is of no single row (blocks of texts).
  std::vector<std::size_t> first;
  std::int64_t truncated_items = 0;
  std::int64_t dropped_tokens = 0;
};

// Thread-safe. An item with `input_ids` (and perhaps `token_type_ids`) is taken as it is, without template and tokenizer; any
// other is rendered and tokenized with the model's special tokens as its task wants it.
class ItemEncoder {
 public:
  virtual ~ItemEncoder() = default;
  // For prediction: nothing to learn from.
  EncodedItem encode(const Item& item) const { return encoded(item, nullptr); }
  // For training and evaluation. Throws Error naming the item when a target is missing, not of the task's kind, or not one of
  // its labels.
  EncodedItem encode(const Item& item, const Targets& targets) const { return encoded(item, &targets); }
  // The same for all rows, on `threads` threads; the first error by row order is thrown.
  virtual EncodedSplit encode(const Split& split, int threads) const;

 protected:
  virtual EncodedItem encoded(const Item& item, const Targets* targets) const = 0;
};

// `tokenizer` may be null when every item brings its ids; it must outlive the encoder.
std::unique_ptr<ItemEncoder> make_encoder(const TaskInfo& task, const PromptOptions& prompt, const Tokenizer* tokenizer, const EncodeSettings& settings);
// The model's input alone, whatever the task: the rendered text with special tokens; "text_pair" as a second text where there is one.
std::unique_ptr<ItemEncoder> make_text_encoder(const PromptOptions& prompt, const Tokenizer* tokenizer, const EncodeSettings& settings);

}  // namespace temper::data
