// Datasets in CoNLL's columns: a token per line, a blank line between sentences.
#include <algorithm>

#include <temper/dataset.h>
#include <temper/iob2.h>
#include <temper/row.h>
#include <temper/text_lines.h>

namespace {

using namespace temper;

struct Options {
  int token_column = 1;
  int tag_column = 0;
  bool comments = false;

  void visit(OptionVisitor& v) {
    v.option("token_column", token_column, "The column of the tokens, from 1.").at_least(1);
    v.option("tag_column", tag_column, "The column of the tags, from 1; 0 is the last one.").at_least(0);
    v.option("comments", comments, "Whether lines that begin with # are comments, as in CoNLL-U; otherwise # begins a token.");
  }
};

// Tabs part the columns of a line that has any, else blanks do.
std::vector<std::string_view> columns_of(std::string_view line) {
  std::vector<std::string_view> columns;
  const bool has_tabs = line.find('\t') != std::string_view::npos;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find(has_tabs ? '\t' : ' ', at), line.size());
    if (has_tabs || end > at) columns.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return columns;
}

class Reader {
 public:
  Reader(const Options& options, const Source& source, RowReport& report) : options_(options), source_(source), report_(report) {}

  std::unique_ptr<Split> read() {
    const MappedFile file(source_.file);
    TextLines lines(file);
    for (TextLine line; lines.next(line);) take(line);
    end_sentence();
    if (changed_tags_ > 0) report_.note(std::to_string(changed_tags_) + " tags I- that begin an entity were read as B- (IOB1 to IOB2)");
    return std::move(rows_);
  }

 private:
  struct Sentence {
    std::int64_t line = 0, last_line = 0;  // up to the one at fault
    std::vector<std::string> tokens, tags;
    std::string problem;
  };

  void take(const TextLine& line) {
    if (line.is_blank()) return end_sentence();
    if (options_.comments && line.text.starts_with('#')) return;
    const std::vector<std::string_view> columns = columns_of(line.text);
    if (columns[0] == "-DOCSTART-") return end_sentence(), void(++documents_);
    if (sentence_.line == 0) sentence_.line = line.number;
    if (!sentence_.problem.empty()) return;
    sentence_.last_line = line.number;
    if (sentence_.problem = problem_of(line.text, columns); !sentence_.problem.empty()) return;
    sentence_.tokens.emplace_back(columns[static_cast<std::size_t>(options_.token_column) - 1]);
    const std::size_t tag = options_.tag_column == 0 ? columns.size() : static_cast<std::size_t>(options_.tag_column);
    if (tag <= columns.size() && tag != static_cast<std::size_t>(options_.token_column)) sentence_.tags.emplace_back(columns[tag - 1]);
  }

  std::string problem_of(std::string_view text, const std::vector<std::string_view>& columns) {
    if (const std::string problem = text_problem(text); !problem.empty()) return problem;
    const auto count = static_cast<int>(columns.size());
    if (width_ == 0) width_ = count;
    const int needed = source_.needs_targets ? std::max({options_.token_column, options_.tag_column, 2}) : options_.token_column;
    const std::string expected = count != width_ ? std::to_string(width_) : count < needed ? "at least " + std::to_string(needed) : "";
    if (!expected.empty()) return "has " + std::to_string(count) + (count == 1 ? " column" : " columns") + ", expected " + expected;
    for (const int column : {options_.token_column, options_.tag_column == 0 ? count : options_.tag_column})
      if (column <= count && columns[static_cast<std::size_t>(column) - 1].empty()) return "has nothing in column " + std::to_string(column);
    return {};
  }

  void end_sentence() {
    Sentence sentence = std::exchange(sentence_, {});
    if (sentence.line == 0) return;
    if (!sentence.problem.empty()) return report_.bad_row(sentence.last_line, sentence.problem);
    Item item;
    item.id = source_.split + ":" + std::to_string(sentence.line);
    item.fields.set("tokens", std::move(sentence.tokens));
    if (documents_ > 0) item.fields.set("document", std::to_string(documents_));
    changed_tags_ += to_iob2(sentence.tags);
    rows_->add(std::move(item), sentence.tags.empty() ? Targets{} : Targets{Tags{std::move(sentence.tags)}}, sentence.line);
  }

  const Options& options_;
  const Source& source_;
  RowReport& report_;
  std::unique_ptr<RowsInMemory> rows_ = std::make_unique<RowsInMemory>();
  Sentence sentence_;
  int width_ = 0;  // columns of the first line, which all others must have
  std::int64_t documents_ = 0;
  std::size_t changed_tags_ = 0;
};

class Conll final : public Dataset {
 public:
  explicit Conll(Options options) : options_(options) {
    if (options.tag_column == options.token_column) throw Error("dataset.token_column and dataset.tag_column are both " + std::to_string(options.tag_column));
  }
  std::unique_ptr<Split> open(const Source& source, RowReport& report) const override {
    if (source.task != Task::kTokenClassification)
      throw Error({{{source.file.string()}, "holds tags of tokens, and the task is " + std::string(to_string(source.task)), "take task = \"token_classification\", or another dataset plugin"}});
    return Reader(options_, source, report).read();
  }

 private:
  Options options_;
};

}  // namespace

TEMPER_PLUGIN(Dataset, Conll, Options, "conll", "Columns as the CoNLL tasks have them: a token and its tag per line, sentences between blank lines.")
