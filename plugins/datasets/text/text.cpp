// Datasets of plain text: documents for language modelling.
#include <algorithm>

#include <temper/row_file.h>
#include <temper/text_lines.h>
#include <temper/utf8.h>

namespace {

using namespace temper;

struct Options {
  std::string documents = "file";
  void visit(OptionVisitor& v) {
    v.option("documents", documents, "What one document is: the whole file, its paragraphs (with blank lines between) or its lines.").one_of({"file", "paragraphs", "lines"});
  }
};

std::string with_unix_line_ends(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') result += text[i];
  return result;
}

class Documents final : public RowFile {
 public:
  Documents(const std::filesystem::path& path, std::string unit) : file_(path), unit_(std::move(unit)), lines_(file_), is_whole_(unit_ == "file") {}

  const Header* header() const override { return &header_; }
  std::string noun() const override { return "part"; }

  std::optional<RowPlace> next(Row& row) override {
    TextLine line;
    do {
      if (!lines_.next(line)) return std::nullopt;
    } while (line.is_blank() && !is_whole_);
    const RowPlace place{line.begin, line.number};
    if (unit_ != "lines") while (lines_.next(line) && (is_whole_ || !line.is_blank())) {}
    row = row_at(place.begin);
    if (row.problem.empty()) return place;
    return RowPlace{place.begin, place.line + lines_to_problem(place.begin)};
  }
  Row read(const RowPlace& place) const override { return row_at(place.begin); }

 private:
  // A line, or all that follows, or up to a blank line.
  std::string_view document(std::size_t begin) const {
    const std::string_view rest = file_.bytes().substr(begin);
    if (is_whole_) return rest;
    std::size_t end = 0;
    for (std::size_t at = 0; at < rest.size();) {
      const std::size_t line_end = std::min(rest.find('\n', at), rest.size());
      if (TextLine{0, rest.substr(at, line_end - at), 0}.is_blank()) break;
      end = line_end;
      if (unit_ == "lines") break;
      at = line_end + 1;
    }
    return rest.substr(0, end > 0 && rest[end - 1] == '\r' ? end - 1 : end);
  }

  Row row_at(std::size_t begin) const {
    const std::string_view text = document(begin);
    if (const std::string problem = text_problem(text); !problem.empty()) return {{}, problem};
    return {{{kTextField, {RowValue::Kind::kText, with_unix_line_ends(text)}}}, {}};
  }

  std::int64_t lines_to_problem(std::size_t begin) const {
    const std::string_view text = document(begin);
    const std::size_t at = std::min(valid_utf8_prefix(text), text.find('\0'));
    return text.size() > kLongestRowBytes ? 0 : std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(at, text.size())), '\n');
  }

  MappedFile file_;
  std::string unit_;
  TextLines lines_;
  bool is_whole_;
  Header header_{{kTextField}, 1};
};

class PlainText final : public Dataset {
 public:
  explicit PlainText(Options options) : options_(std::move(options)) {}
  std::unique_ptr<Split> open(const Source& source, RowReport& report) const override {
    if (source.task != Task::kLanguageModeling && source.needs_targets)
      throw Error({{{source.file.string()}, "plain text has no targets for the task " + std::string(to_string(source.task)), "take task = \"language_modeling\", or another dataset plugin"}});
    return open_rows(std::make_unique<Documents>(source.file, options_.documents), {}, source, report);
  }

 private:
  Options options_;
};

}  // namespace

TEMPER_PLUGIN(Dataset, PlainText, Options, "text", "Plain text for language modelling: a file, its paragraphs or its lines are documents.")
