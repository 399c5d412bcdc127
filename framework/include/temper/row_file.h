// Datasets whose files hold rows of named columns: a plugin gives the rows, and every task and form is read from them alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <temper/dataset.h>
#include <temper/row.h>

namespace temper {

// Which columns mean what. An option that is left at its default, and names no column, gives way to usual names of the same thing.
struct RowOptions {
  std::string form = "auto";
  std::string text = "text";
  std::optional<std::string> text_pair;
  std::string label = "label";
  std::optional<std::string> id;
  std::string label_separator = ",";
  std::string tokens = "tokens", tags = "tags", spans = "spans";
  std::vector<std::string> tag_names;
  std::string question = "question", context = "context", answers = "answers", answer_start = "answer_start";
  std::string messages = "messages";
  std::string offsets = "characters";
  void visit(OptionVisitor& v);
};

struct RowPlace {
  std::size_t begin = 0;  // in whatever unit the file counts, bytes for most
  std::int64_t line = 0;  // where the row begins, from 1
};

// The rows of one file. `next` is called by one thread until it gives nothing; `read` by many at once, with places that `next` gave.
class RowFile {
 public:
  virtual ~RowFile() = default;
  virtual std::optional<RowPlace> next(Row& row) = 0;  // in the order of the file; a row that cannot be read has a `problem`
  virtual Row read(const RowPlace& place) const = 0;
  virtual std::string noun() const = 0;  // what messages call a column: "column", "member"
  // Where all rows have the same columns: these, and the line that names them.
  struct Header {
    std::vector<std::string> names;
    std::int64_t line = 1;
  };
  virtual const Header* header() const { return nullptr; }
};

// Finds out what the columns are, reads every row once, reports bad ones and notes what was guessed. The split reads a row again
// each time it is asked for one. Throws Error when a header lacks a column that is needed, or a form does not fit the task.
std::unique_ptr<Split> open_rows(std::unique_ptr<RowFile> file, const RowOptions& options, const Source& source, RowReport& report);

}  // namespace temper
