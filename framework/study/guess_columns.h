// Which column of an unknown table is the text and which the label, and why.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "study/look_at_data.h"

namespace temper::study {

struct ColumnFacts {
  std::int64_t filled = 0, empty = 0;
  std::int64_t different = 0;        // values, the empty one left out
  double mean_bytes = 0, mean_words = 0;
  std::int64_t longest_words = 0, median_words = 0;
  double number_share = 0;           // of the filled ones: numbers, dates and the like
  bool are_numbers = false, are_integers = false;  // all filled ones
  std::vector<std::pair<std::string, std::int64_t>> commonest;  // values with their counts, the most frequent first
};
ColumnFacts facts_of(const DataColumn& column);

struct ColumnGuess {
  std::string text, label;
  std::vector<std::string> inputs;  // the columns of a pair, in the order in which the model should read them; else empty
  std::string text_reason, label_reason;
  std::vector<std::string> other_texts, other_labels;        // what else it could be
  std::vector<std::pair<std::string, std::string>> left_out;  // further columns, and why they are neither
};

// `text` and `label` are what the user said, where it was said. Throws Error that lists what each column looks like when there is no
// label, or no text, among them.
ColumnGuess guess_columns(const DataLook& look, const std::optional<std::string>& text = {}, const std::optional<std::string>& label = {});

}  // namespace temper::study
