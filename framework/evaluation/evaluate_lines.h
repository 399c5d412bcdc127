// Scores any system's outputs, a JSON object a line: what `temper evaluate` does.
//
// A line: {"prediction": ..., "reference": ...}, or "references": [...] where several answers are right. A prediction is
//   a string, number or true/false    a label, a number, or text, as the metric takes it
//   a number between 0 and 1          beside references that are 0 or 1, for metrics of classifications: the probability of the 1
//   a list of strings                 several labels, or the tags of tokens
//   {"text": ...}                     a span, as text
//   {"probabilities": {NAME: p}}      of the labels, which also may stand beside the prediction; alone, the likeliest is the prediction
//                                     (of several labels at once, references being lists, those above a half)
// "references": [] is a question without an answer; the prediction that says so is an empty string.
// For likelihoods "nll" and "nll_tokens" (nats, their number of tokens), or "logprob" and "tokens" as `temper score` writes them;
// such a line needs no prediction and no reference. Other keys are ignored, and so are empty lines.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include <temper/task.h>
#include <temper/value.h>

#include "evaluation/score.h"

namespace temper::registry { class Registry; }

namespace temper::evaluation {

// Values in the order of `metrics` (names of plugins or values). The task, unless given, is the first that fits the lines and all
// the metrics, else each metric's own. Labels are those that occur. Throws one Error with every bad line (the first twenty are
// named), each with its number; `file` names the input in messages.
std::vector<ScoredValue> evaluate_lines(const registry::Registry& registry, std::istream& lines, const std::string& file,
                                        const std::vector<std::string>& metrics, std::optional<Task> task = std::nullopt);

// {"accuracy": {"value": 0.5, "stderr": 0.02, "items": 1000, "better": "higher"}, ...}; null where a number is undefined;
// "signature" where the metric has one.
Value to_value(const std::vector<ScoredValue>& values);

}  // namespace temper::evaluation
