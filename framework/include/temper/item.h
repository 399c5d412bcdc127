// What a dataset holds and what a strategy answers: items, the targets they have, and predictions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace temper {

struct Message {
  std::string role;  // "system", "user", "assistant"
  std::string content;
};

// Text, tokens of text, token ids, or a dialogue.
using FieldValue = std::variant<std::string, std::vector<std::string>, std::vector<std::int64_t>, std::vector<Message>>;

// Named values in the order in which the dataset gives them; a prompt template names them: "{text}".
class Fields {
 public:
  void set(std::string name, FieldValue value);
  const FieldValue* find(std::string_view name) const;
  const std::string* text(std::string_view name) const;                       // nullptr when absent or not text
  const std::vector<std::int64_t>* ids(std::string_view name) const;          // nullptr when absent or not ids
  const std::vector<std::pair<std::string, FieldValue>>& all() const { return values_; }

 private:
  std::vector<std::pair<std::string, FieldValue>> values_;
};

// An input. It holds no reference answer: a strategy that is handed an Item cannot see its label.
struct Item {
  std::string id;  // unique within a split
  Fields fields;
};

// Names of the usual fields. A row that brings its own token ids has `input_ids` (and perhaps `token_type_ids`); they are used
// as they are, and no tokenizer is needed.
inline constexpr const char* kTextField = "text";
inline constexpr const char* kTextPairField = "text_pair";  // a second text that is read beside the first: pairs to compare
inline constexpr const char* kTokensField = "tokens";       // token classification: the words that have tags
inline constexpr const char* kQuestionField = "question";   // question answering
inline constexpr const char* kContextField = "context";
inline constexpr const char* kInputIdsField = "input_ids";
inline constexpr const char* kTokenTypeIdsField = "token_type_ids";

struct Label { std::string name; };
struct Labels { std::vector<std::string> names; };              // several labels at once
struct Tags { std::vector<std::string> names; };                // one per token
struct Span { std::int64_t begin = 0, end = 0; std::string text; };  // bytes of the context, half open
struct Spans { std::vector<Span> spans; };                      // empty: there is no answer
struct Text { std::string text; };
struct Score { double value = 0; };

using Target = std::variant<Label, Labels, Tags, Spans, Text, Score>;
using Targets = std::vector<Target>;  // the references of one item; none where the data has none

// As it is stored and printed: a label's name, text, a number, or JSON for what has several parts.
std::string to_string(const Target& target);

// The answer of a model that wrote a text which spells no label: no label of a task has an empty name.
inline constexpr const char* kNoLabel = "";

// What a language model wrote.
struct Generated {
  std::string text;                  // behind the prompt as it is, before the text that ended it; the answer is this without the blank that parts both
  std::vector<std::int32_t> tokens;  // without the prompt, and without the token that ended it
  std::int64_t prompt_tokens = 0;
  double logprob = 0;                // of the tokens, in nats
  std::string finish;                // "stop_token", "stop_string", "length" (as many as asked for), "context" (the model can read no further)
};

struct Prediction {
  std::string id;    // the item's
  Target value;      // what is answered
  std::vector<double> probabilities;  // classification: one per label in the order of the task's labels; may be empty
  std::vector<double> logits;         // the same before the softmax; empty for what is not a model's head
  double nll = 0;              // summed negative log-likelihood of the reference in nats, where the task has one
  std::int64_t nll_tokens = 0; // target tokens in that sum; 0 where it was not computed
  std::vector<std::string> used_ids;     // shots and passages in the prompt, in its order
  std::vector<std::string> dropped_ids;  // those that did not fit
  std::optional<Generated> generated;    // where the answer was written, not chosen
};

}  // namespace temper
