// Datasets in CSV files: a row per item, a column for its text, one for its label, and all other columns as fields.
#include <temper/dataset.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include <temper/example.h>
#include <temper/mapped_file.h>
#include <temper/targets.h>
#include <temper/utf8.h>

#include "columns.h"
#include "record.h"

namespace {

using namespace temper;
using namespace temper_csv;

struct Options {
  Wanted columns;
  std::string delimiter = ",";
  std::string quote = "\"";
  bool header = true;

  void visit(OptionVisitor& v) {
    v.option("text", columns.text, "The column that holds the text; templates may call it {text}, whatever its name.").alias("prompt");
    v.option("label", columns.label, "The column that holds the label: a name, a number (regression) or a text (generation).").alias("completion");
    v.option("id", columns.id, "The column that names the row; by default rows are named by split and line, train:17.");
    v.option("delimiter", delimiter, "The character between columns; \"\\t\" for a tab.");
    v.option("quote", quote, "The character around cells that hold delimiters, line breaks or (doubled) quotes; empty for none.");
    v.option("header", header, "Whether the first row names the columns; otherwise they are called 1, 2, 3 and so on.");
  }
};

Dialect dialect_of(const Options& options) {
  const auto is_one_byte = [](const std::string& s) { return s.size() == 1 && static_cast<unsigned char>(s[0]) < 0x80 && s[0] != '\n' && s[0] != '\r' && s[0] != '\0'; };
  if (!is_one_byte(options.delimiter)) throw Error("dataset.delimiter is \"" + options.delimiter + "\", expected one ASCII character");
  if (!options.quote.empty() && !is_one_byte(options.quote)) throw Error("dataset.quote is \"" + options.quote + "\", expected one ASCII character, or none");
  if (options.quote == options.delimiter) throw Error("dataset.quote and dataset.delimiter are both \"" + options.quote + "\"");
  return {options.delimiter[0], options.quote.empty() ? '\0' : options.quote[0], !options.quote.empty()};
}

struct Row {
  std::size_t begin = 0;
  std::int64_t line = 0;
};

// Keeps where rows begin, and reads a row's cells again when it is asked for.
class CsvSplit final : public Split {
 public:
  CsvSplit(MappedFile file, Dialect dialect, Columns columns, std::vector<Row> rows, Source source)
      : file_(std::move(file)), dialect_(dialect), columns_(std::move(columns)), rows_(std::move(rows)), source_(std::move(source)) {}

  std::size_t size() const override { return rows_.size(); }
  std::int64_t line(std::size_t row) const override { return rows_.at(row).line; }

  Item item(std::size_t row) const override {
    const Record record = read(row);
    Item item;
    item.id = columns_.id ? cell(record, *columns_.id) : source_.split + ":" + std::to_string(rows_[row].line);
    item.fields.set(kTextField, cell(record, columns_.text));
    for (std::size_t i = 0; i < columns_.names.size(); ++i) {
      const bool is_taken = i == columns_.label || i == columns_.id || columns_.names[i] == kTextField;
      if (!is_taken) item.fields.set(columns_.names[i], cell(record, i));
    }
    return item;
  }

  Targets targets(std::size_t row) const override {
    if (!columns_.label || !task_has_targets(source_.task)) return {};
    std::string problem;
    if (auto target = target_from_text(source_.task, cell(read(row), *columns_.label), problem)) return {*std::move(target)};
    return {};
  }

 private:
  Record read(std::size_t row) const {
    Record record;
    read_record(file_.bytes(), rows_.at(row).begin, dialect_, record);
    return record;
  }
  std::string cell(const Record& record, std::size_t column) const { return record.cells[column].text(dialect_); }

  MappedFile file_;
  Dialect dialect_;
  Columns columns_;
  std::vector<Row> rows_;
  Source source_;
};

// Finds out what a file holds: its columns, its good rows, and what is wrong with the others.
class Reader {
 public:
  Reader(const Options& options, const Source& source, RowReport& report)
      : options_(options), dialect_(dialect_of(options)), source_(source), report_(report), file_(source.file), bytes_(file_.bytes()) {}

  std::unique_ptr<Split> read() {
    skip_byte_order_mark();
    all_is_clean_ = valid_utf8_prefix(bytes_) == bytes_.size() && bytes_.find('\0') == std::string_view::npos;
    read_columns();
    for (Record record; at_ < bytes_.size(); at_ = record.end, line_ += record.lines) {
      read_record(bytes_, at_, dialect_, record);
      if (record.is_blank()) continue;
      if (std::string problem = check(record); !problem.empty()) report_.bad_row(line_, std::move(problem));
      else rows_.push_back({at_, line_});
    }
    if (empty_texts_ > 0) report_.note(std::to_string(empty_texts_) + (empty_texts_ == 1 ? " empty text" : " empty texts"));
    return std::make_unique<CsvSplit>(file_, dialect_, columns_, std::move(rows_), source_);
  }

 private:
  Place here() const { return {source_.file.string(), static_cast<int>(line_)}; }

  void skip_byte_order_mark() {
    if (bytes_.starts_with("\xFF\xFE") || bytes_.starts_with("\xFE\xFF")) throw Error({{here(), "is UTF-16, expected UTF-8", "convert it: iconv -f UTF-16 -t UTF-8"}});
    if (bytes_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  // Of the first record that is not blank; a header is then behind us.
  void read_columns() {
    Record record;
    for (;; at_ = record.end, line_ += record.lines) {
      if (at_ >= bytes_.size()) throw Error({{here(), "is empty, expected rows of columns", {}}});
      read_record(bytes_, at_, dialect_, record);
      if (!record.is_blank()) break;
    }
    columns_ = choose_columns(name_columns(record, dialect_, options_.header, here()), options_.columns, source_, here());
    const auto hidden = std::find(columns_.names.begin(), columns_.names.end(), kTextField);
    const auto column = static_cast<std::size_t>(hidden - columns_.names.begin());
    if (hidden != columns_.names.end() && column != columns_.text && column != columns_.label && column != columns_.id)
      report_.note("the column \"text\" is no field: {text} is the column \"" + columns_.names[columns_.text] + "\"");
    if (!options_.header) return;
    at_ = record.end;
    line_ += record.lines;
  }

  std::string check(const Record& record) {
    if (!record.problem.empty()) return record.problem;
    if (record.cells.size() != columns_.names.size())
      return "has " + std::to_string(record.cells.size()) + (record.cells.size() == 1 ? " column" : " columns") + ", expected " + std::to_string(columns_.names.size());
    if (!all_is_clean_)
      for (std::size_t i = 0; i < record.cells.size(); ++i)
        if (std::string problem = text_problem(record.cells[i].raw); !problem.empty()) return "column \"" + columns_.names[i] + "\" " + problem;
    if (source_.needs_targets && task_has_targets(source_.task)) {
      std::string problem;
      if (!target_from_text(source_.task, record.cells[*columns_.label].text(dialect_), problem)) return "column \"" + columns_.names[*columns_.label] + "\" " + problem;
    }
    if (columns_.id) {
      const std::string id = record.cells[*columns_.id].text(dialect_);
      if (id.empty()) return "column \"" + *options_.columns.id + "\" is empty, expected an id";
      const auto [known, is_new] = line_of_id_.emplace(id, line_);
      if (!is_new) return "id \"" + id + "\" was given to line " + std::to_string(known->second) + " already";
    }
    empty_texts_ += record.cells[columns_.text].raw.empty();
    return {};
  }

  const Options& options_;
  Dialect dialect_;
  Source source_;
  RowReport& report_;
  MappedFile file_;
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
  bool all_is_clean_ = false;  // the whole file is UTF-8 without NUL, so that no cell needs a look
  Columns columns_;
  std::vector<Row> rows_;
  std::unordered_map<std::string, std::int64_t> line_of_id_;
  std::int64_t empty_texts_ = 0;
};

class Csv final : public Dataset {
 public:
  explicit Csv(Options options) : options_(std::move(options)) { dialect_of(options_); }
  std::unique_ptr<Split> open(const Source& source, RowReport& report) const override { return Reader(options_, source, report).read(); }

 private:
  Options options_;
};

}  // namespace

TEMPER_PLUGIN(Dataset, Csv, Options, "csv", "Rows of a CSV file (RFC 4180), one item each.")
