// Datasets in JSON lines: an object per line, a row each.
#include <temper/row_file.h>
#include <temper/text_lines.h>

namespace {

using namespace temper;

class JsonLines final : public RowFile {
 public:
  explicit JsonLines(const std::filesystem::path& path) : file_(path), lines_(file_) {}

  std::optional<RowPlace> next(Row& row) override {
    TextLine line;
    do {
      if (!lines_.next(line)) return std::nullopt;
    } while (line.is_blank());
    row = read_json_row(line.text);
    return RowPlace{line.begin, line.number};
  }
  Row read(const RowPlace& place) const override {
    const std::string_view rest = file_.bytes().substr(place.begin);
    return read_json_row(rest.substr(0, rest.find('\n')));
  }
  std::string noun() const override { return "member"; }

 private:
  MappedFile file_;
  TextLines lines_;
};

class Jsonl final : public Dataset {
 public:
  explicit Jsonl(RowOptions options) : options_(std::move(options)) {}
  std::unique_ptr<Split> open(const Source& source, RowReport& report) const override { return open_rows(std::make_unique<JsonLines>(source.file), options_, source, report); }

 private:
  RowOptions options_;
};

}  // namespace

TEMPER_PLUGIN(Dataset, Jsonl, RowOptions, "jsonl", "Lines of JSON, one object and one item each.")
