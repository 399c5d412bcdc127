// Reads all data of an experiment: read, shuffle with dataset.seed, split (by share, file, group, label or fold), limit; and says what was read and what was wrong.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <temper/dataset.h>
#include <temper/error.h>

#include "data/dataset_options.h"

namespace temper::data {

// Rows of a split whose input stands in another split too.
struct Leak {
  std::string other;                // "validation" or "test"
  std::int64_t exact = 0;           // rows the same to the letter
  std::int64_t similar = 0;         // rows the same but for case, punctuation and blanks
  std::int64_t answered_otherwise = 0;  // rows of both kinds with other targets
  bool is_dropped = false;          // dataset.leakage = "drop" left them out of the split
};

// What happened to one file.
struct SplitReport {
  std::string split;           // "train", "validation", "test"
  std::filesystem::path file;
  std::int64_t rows_read = 0;     // good rows of the file, before any limit
  std::int64_t rows_dropped = 0;  // bad rows left out under on_bad_row = "drop"
  std::int64_t rows_used = 0;     // after split and limit
  std::vector<Problem> dropped;   // the first 20 of the dropped rows, with their lines
  std::vector<std::string> notes;
  std::vector<Leak> leaks;        // each told in a note as well
  // How many targets of the used rows are this label (tags of tokens count each), in the order of Splits::labels.
  std::vector<std::int64_t> label_counts;
};

struct Splits {
  std::shared_ptr<const Split> train;       // never null, never empty
  std::shared_ptr<const Split> validation;  // null when the experiment has none
  std::shared_ptr<const Split> test;        // null when the experiment has none
  std::vector<std::string> labels;  // of the task, sorted by name, or by number when all are integers; empty where it has none
  std::vector<SplitReport> reports;  // in the order train, validation, test; those that exist
};

// Throws one Error with every problem of every split: files that are missing or unreadable, bad rows (the first 20 of each file
// by line, the rest counted), splits that are empty, labels of validation or test that train lacks.
Splits load_splits(const Dataset& dataset, const DatasetOptions& options, Task task);

// Reads one file without shuffle, limit or label checks: for prediction, where targets are absent.
std::shared_ptr<const Split> open_split(const Dataset& dataset, const Source& source, bool drop_bad_rows, SplitReport& report);

// The labels of a split's targets, sorted as in Splits::labels.
std::vector<std::string> labels_of(const Split& split);

}  // namespace temper::data
