// The framework's own keys of the table [dataset]; the plugin's keys stand in the same table.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <temper/options.h>

namespace temper::data {

struct SplitLimits {
  std::optional<std::int64_t> train, validation, test;
  void visit(OptionVisitor& v);
};

struct DatasetOptions {
  std::string plugin;
  std::filesystem::path train;
  std::optional<PathOrNumber> validation, test;  // a file, or a share of the train rows
  std::optional<std::string> group;        // a column: rows that hold the same stay in one split
  bool stratify = false;
  std::optional<std::int64_t> folds, fold;  // a trial for each fold: `fold` (from 1) is then an axis
  std::string fold_is = "validation";       // or "test"
  SplitLimits limit;
  std::int64_t seed = 42;
  std::string on_bad_row = "error";  // or "drop"
  std::string leakage = "warn";      // or "drop", "fail"
  void visit(OptionVisitor& v);
};

// What the whole table [dataset] may hold: the framework's keys, then the plugin's. For a generator (Dataset::reads_files is
// false) train, validation and test are names, not paths. Throws Error when the plugin declares a key of the framework's.
OptionSchema dataset_schema(const OptionSchema& plugin_options, const std::string& plugin_name, bool reads_files = true);

}  // namespace temper::data
