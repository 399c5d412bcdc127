// Which column of a CSV file is what, found out from its header.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <temper/dataset.h>

#include "record.h"

namespace temper_csv {

// The columns that the options name.
struct Wanted {
  std::string text = "text";
  std::string label = "label";
  std::optional<std::string> id;
};

struct Columns {
  std::vector<std::string> names;  // unique, none empty
  std::size_t text = 0;
  std::optional<std::size_t> label, id;
};

// Names from a header, or numbers from 1 when `record` is a row like the others. Throws Error, at `place`.
std::vector<std::string> name_columns(const Record& record, const Dialect& dialect, bool is_header, const temper::Place& place);

// Throws one Error with every column that is missing; the label may be missing where the source needs no targets.
// For generation the usual names of prompt and completion are taken where `wanted` holds the defaults and they are not there.
Columns choose_columns(std::vector<std::string> names, Wanted wanted, const temper::Source& source, const temper::Place& place);

// Why a cell is no text ("is not UTF-8 at its byte 3"); empty when it is one.
std::string text_problem(std::string_view cell);

}  // namespace temper_csv
