// Answers that a language model writes: a text, or the label that a text spells.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <temper/strategy.h>

#include "inference/generate.h"
#include "study/trial_model.h"

namespace temper::study {

struct WriteOptions {
  GenerationOptions generation = {};
  TooLong too_long = TooLong::kCut;
  std::uint64_t seed = 0;            // with an item's id it decides its draws
  std::optional<std::int64_t> rows = {};  // items that are continued at a time; by default what the inference room takes
  bool keep_blanks = false;          // a prompt's last blanks stay its own; otherwise the model writes them, as in training and by choice
  bool write = true;                 // false: the prompts alone, for the likelihood of references; answers stay empty
  bool bf16 = false;
  bool plain = false;                // neither a cache nor shared beginnings
  at::Device device = at::kCPU;
  std::function<void(std::int64_t)> answered = {};  // told how many further items have their answer; may be empty
};

// What the model read before an answer.
struct ReadPrompt {
  std::vector<std::int32_t> tokens;
  std::string text;      // empty where the item brought ids
  std::string blanks;    // what followed the text, and begins the answer
  bool is_ids = false;
};

struct Written {
  std::vector<Prediction> predictions;  // one per item
  std::vector<ReadPrompt> prompts;      // one per item
  std::int64_t truncated_items = 0;     // too long without any block: they lost their first tokens
  std::int64_t dropped_tokens = 0;
  inference::GenerateWork work;
};

// The tokens of a text that is to be continued: with the special tokens that the tokenizer puts before a text, without those that it puts
// behind one. The training of answers begins with the same tokens.
std::vector<std::int32_t> encode_start(const Tokenizer& tokenizer, std::string_view text);

// One prompt per item. Blocks are left out until max_new_tokens fit as well; what becomes of an item that does not fit alone, `too_long`
// says. An answer ends at the checkpoint's stop tokens, before a stop string, after max_new_tokens, or where the context is full.
//
// An item that brings `input_ids` is continued from these as they are; it takes no blocks. Without a tokenizer answers are tokens alone.
// Throws Error naming the item for ids outside the model's vocabulary, and where the task has labels and there is no tokenizer.
Written answer_by_generation(TrialModel& model, const TaskInfo& task, const PromptFormat& format, const Tokenizer* tokenizer, std::span<const Item> items,
                             std::span<const Prompt> prompts, const WriteOptions& options);

// The log-likelihood of each item's first reference behind its prompt, spelled as [prompt] spells it, into the predictions' nll and
// nll_tokens; a label counts as one target, however it is spelled, as where it is chosen. Items without a reference stay as they are. Where both are longer than the context the prompt loses its first tokens.
void score_references(TrialModel& model, const PromptFormat& format, const Tokenizer& tokenizer, std::span<const ReadPrompt> prompts, std::span<const Targets> targets,
                      const WriteOptions& options, std::span<Prediction> predictions);

}  // namespace temper::study
