// Rows that stand in two splits: a model that has learned one, or was shown it as an example, has seen the answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <temper/dataset.h>

namespace temper::data {

// What of an item is its input: the fields that tasks read (texts, tokens, question and context, ids), or where it has none of them all that it has.
std::string input_text(const Item& item);

// A text without what a copy may lose: in lower case, punctuation and symbols left out, runs of blanks as one. Of nothing but those, the text itself.
std::string normal_text(const std::string& text);

struct SharedRows {
  // A row of one split and the first row of the other with the same input.
  struct Pair {
    std::size_t row = 0, other = 0;
    bool is_exact = false;      // the same to the letter, else after normal_text
    bool is_answered_alike = false;  // the targets are equal too
  };
  std::vector<Pair> pairs;  // in the order of the rows
};

// The rows of `split` whose input stands in `other`; rows without any input are passed over. One pass over each, by 128-bit hashes (XXH3), so memory is 16 bytes and a little a row.
SharedRows shared_rows(const Split& split, const Split& other);

}  // namespace temper::data
