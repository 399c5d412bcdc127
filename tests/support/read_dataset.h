// Reads a file with an installed dataset plugin, and keeps what it reports: for tests of dataset plugins.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <temper/dataset.h>

#include "registry/registry.h"

namespace temper::testing {

struct ReadDataset final : RowReport {
  void bad_row(std::int64_t line, std::string what) override { bad_rows.push_back(std::to_string(line) + ": " + what); }
  void note(std::string what) override { notes.push_back(std::move(what)); }

  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (std::size_t row = 0; row < split->size(); ++row) ids.push_back(split->item(row).id);
    return ids;
  }
  std::vector<std::string> texts(const std::string& field = "text") const {
    std::vector<std::string> texts;
    for (std::size_t row = 0; row < split->size(); ++row) {
      const Item item = split->item(row);
      const std::string* text = item.fields.text(field);
      texts.push_back(text ? *text : "(none)");
    }
    return texts;
  }
  std::vector<std::string> targets() const {
    std::vector<std::string> texts;
    for (std::size_t row = 0; row < split->size(); ++row) {
      const Targets targets = split->targets(row);
      texts.push_back(targets.empty() ? "(none)" : to_string(targets[0]));
    }
    return texts;
  }

  std::vector<std::string> bad_rows, notes;
  std::unique_ptr<Split> split;
};

inline ReadDataset read_dataset(const std::string& plugin, const Value& options, const Source& source) {
  ReadDataset read;
  read.split = registry::installed().create<Dataset>(plugin, options)->open(source, read);
  return read;
}

}  // namespace temper::testing
