// Dataset plugins: a file (or a generator) becomes splits with random access.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <temper/item.h>
#include <temper/plugin.h>
#include <temper/task.h>

namespace temper {

// Rows in a fixed order. Random access, so that a mapped row index and files larger than memory need no second contract.
// Thread-safe for concurrent reads.
class Split {
 public:
  virtual ~Split() = default;
  virtual std::size_t size() const = 0;
  virtual Item item(std::size_t row) const = 0;      // row < size()
  virtual Targets targets(std::size_t row) const = 0;  // empty where the row has no reference
  // The line of the file where the row begins, from 1; 0 where there is no such line. For messages.
  virtual std::int64_t line(std::size_t row) const { return 0; }
};

// Where a plugin reports what it could not read. Whether that ends the study or drops the row is the user's choice
// (`dataset.on_bad_row`), not the plugin's: report, skip the row and go on.
class RowReport {
 public:
  virtual ~RowReport() = default;
  virtual void bad_row(std::int64_t line, std::string what) = 0;  // `line` counts from 1
  virtual void note(std::string what) = 0;                        // worth telling: "12 empty texts"
};

struct Source {
  std::filesystem::path file;  // absolute; for a generator, the name given in the experiment file
  std::string split;           // "train", "validation", "test"; part of the ids
  Task task = Task::kClassification;
  // Whether a row without a target is a bad row. False where only inputs are wanted (prediction): then targets are read where
  // they are there, and nothing is wrong where they, or their whole column, are missing.
  bool needs_targets = true;
};

class Dataset {
 public:
  virtual ~Dataset() = default;
  // Reads one split. Rows that cannot be read go to `report`; a file that cannot be read at all is an Error.
  virtual std::unique_ptr<Split> open(const Source& source, RowReport& report) const = 0;
  virtual bool reads_files() const { return true; }  // false for a generator: `train = "name"` is then no path
};

// A split that holds its rows; enough for most plugins.
class RowsInMemory final : public Split {
 public:
  void add(Item item, Targets targets, std::int64_t line = 0);
  std::size_t size() const override { return rows_.size(); }
  Item item(std::size_t row) const override { return rows_.at(row).item; }
  Targets targets(std::size_t row) const override { return rows_.at(row).targets; }
  std::int64_t line(std::size_t row) const override { return rows_.at(row).line; }

 private:
  struct Row {
    Item item;
    Targets targets;
    std::int64_t line = 0;
  };
  std::vector<Row> rows_;
};

}  // namespace temper

TEMPER_DECLARE_KIND(Dataset)
