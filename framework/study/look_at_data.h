// A first look at a file that nothing is known of: which dataset plugin reads it and how, and a sample of its columns.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <temper/value.h>

namespace temper::registry { class Registry; }

namespace temper::study {

struct DataColumn {
  std::string name;
  std::vector<std::string> values;  // of the rows that were looked at; "" where a row has none
  bool is_nested = false;           // holds arrays or objects
};

struct DataLook {
  std::filesystem::path file;
  std::string plugin;                   // "csv" or "jsonl"
  Value options{Value::Table()};        // what the plugin must be told beside the columns: delimiter, quote, header
  std::vector<DataColumn> columns;
  std::int64_t rows = 0;                // that can be read
  std::int64_t bad_rows = 0;            // that cannot; of a JSONL file, among those that were looked at
  std::vector<std::string> bad_places;  // the first few of them: "line 17 has 3 columns, expected 2"
  std::int64_t looked_at() const { return columns.empty() ? 0 : static_cast<std::int64_t>(columns.front().values.size()); }
};

// CSV with commas, tabs, semicolons or bars between its columns, with or without a header; or JSON lines. At most `sample` rows,
// evenly spaced, are kept. Throws Error for what is neither, or cannot be read for the most part.
DataLook look_at_data(const std::filesystem::path& file, const registry::Registry& registry, std::int64_t sample = 20000);

// The delimiter that parts most of the first records into equally many columns; a comma where none does.
char guess_delimiter(std::string_view head);

}  // namespace temper::study
