// Datasets in CSV files: a row per item, with named columns.
#include <temper/mapped_file.h>
#include <temper/row_file.h>
#include <temper/text_lines.h>

#include "record.h"

namespace {

using namespace temper;
using namespace temper_csv;

struct Options {
  RowOptions rows;
  std::string delimiter = ",";
  std::string quote = "\"";
  bool header = true;

  void visit(OptionVisitor& v) {
    rows.visit(v);
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

class CsvFile final : public RowFile {
 public:
  CsvFile(const std::filesystem::path& path, const Dialect& dialect, bool has_header) : file_(path), dialect_(dialect), at_(text_begin(file_)) { read_header(has_header); }

  const Header* header() const override { return &header_; }
  std::string noun() const override { return "column"; }

  std::optional<RowPlace> next(Row& row) override {
    Record record;
    for (; at_ < file_.bytes().size(); step_over(record)) {
      read_record(file_.bytes(), at_, dialect_, record);
      if (record.is_blank()) continue;
      const RowPlace place{at_, line_};
      row = {{}, problem_of(record)};
      if (row.problem.empty()) row = row_of(record);
      step_over(record);
      return place;
    }
    return std::nullopt;
  }

  Row read(const RowPlace& place) const override {
    Record record;
    read_record(file_.bytes(), place.begin, dialect_, record);
    return row_of(record);
  }

 private:
  void step_over(const Record& record) {
    at_ = record.end;
    line_ += record.lines;
  }

  // Of the first record that is not blank. Names must be unique to be fields; a column that has no name of its own is called by its number.
  void read_header(bool has_header) {
    Record record;
    for (;; step_over(record)) {
      if (at_ >= file_.bytes().size()) fail("is empty, expected rows of columns");
      read_record(file_.bytes(), at_, dialect_, record);
      if (!record.is_blank()) break;
    }
    header_.line = line_;
    if (has_header && !record.problem.empty()) fail("the header cannot be read: " + record.problem);
    for (const Cell& cell : record.cells) {
      const std::string number = std::to_string(header_.names.size() + 1);
      std::string name = has_header ? cell.text(dialect_) : number;
      if (const std::string problem = text_problem(name); !problem.empty()) fail("the name of column " + number + " " + problem);
      if (name.empty()) name = number;
      for (const std::string& known : header_.names)
        if (known == name) fail("two columns are called \"" + name + "\"", "rename one");
      header_.names.push_back(std::move(name));
    }
    if (has_header) step_over(record);
  }

  [[noreturn]] void fail(const std::string& what, const std::string& remedy = {}) const { throw Error({{{file_.path().string(), static_cast<int>(line_)}, what, remedy}}); }

  std::string problem_of(const Record& record) const {
    if (!record.problem.empty()) return record.problem;
    if (record.cells.size() != header_.names.size())
      return "has " + std::to_string(record.cells.size()) + (record.cells.size() == 1 ? " column" : " columns") + ", expected " + std::to_string(header_.names.size());
    if (record.end - at_ > kLongestRowBytes) return "is " + std::to_string(record.end - at_) + " bytes long, a row may take " + std::to_string(kLongestRowBytes);
    for (std::size_t i = 0; i < record.cells.size(); ++i)
      if (const std::string problem = text_problem(record.cells[i].raw); !problem.empty()) return "column \"" + header_.names[i] + "\" " + problem;
    return {};
  }

  Row row_of(const Record& record) const {
    Row row;
    for (std::size_t i = 0; i < record.cells.size(); ++i) row.values.push_back({header_.names[i], {RowValue::Kind::kText, record.cells[i].text(dialect_)}});
    return row;
  }

  MappedFile file_;
  Dialect dialect_;
  Header header_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
};

class Csv final : public Dataset {
 public:
  explicit Csv(Options options) : options_(std::move(options)), dialect_(dialect_of(options_)) {}
  std::unique_ptr<Split> open(const Source& source, RowReport& report) const override {
    return open_rows(std::make_unique<CsvFile>(source.file, dialect_, options_.header), options_.rows, source, report);
  }

 private:
  Options options_;
  Dialect dialect_;
};

}  // namespace

TEMPER_PLUGIN(Dataset, Csv, Options, "csv", "Rows of a CSV file (RFC 4180), one item each.")
