// Datasets in JSON lines: an object per line, an item each.
#include <temper/dataset.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include <temper/json_item.h>
#include <temper/mapped_file.h>
#include <temper/prompt_columns.h>
#include <temper/targets.h>

namespace {

using namespace temper;

struct Options {
  JsonMembers members;

  void visit(OptionVisitor& v) {
    v.option("text", members.text, "The member that holds the text; templates may call it {text}, whatever its name. A row with input_ids needs none.").alias("prompt");
    v.option("label", members.label, "The member that holds the label: a string, an integer or a boolean; a number (regression) or a text, or several references in an array (generation).").alias("completion");
    v.option("id", members.id, "The member that names the row; by default rows are named by split and line, train:17.");
  }
};

struct Row {
  std::size_t begin = 0, size = 0;
  std::int64_t line = 0;
};

// Keeps where lines begin, and reads a line again when it is asked for.
class JsonlSplit final : public Split {
 public:
  JsonlSplit(MappedFile file, JsonMembers members, std::vector<Row> rows, Source source)
      : file_(std::move(file)), members_(std::move(members)), rows_(std::move(rows)), source_(std::move(source)) {}

  std::size_t size() const override { return rows_.size(); }
  std::int64_t line(std::size_t row) const override { return rows_.at(row).line; }

  Item item(std::size_t row) const override {
    JsonItem line = read(row);
    return {line.id ? *line.id : source_.split + ":" + std::to_string(rows_[row].line), std::move(line.fields)};
  }

  Targets targets(std::size_t row) const override {
    if (!task_has_targets(source_.task)) return {};
    const JsonItem line = read(row);
    std::string problem;
    Targets targets;
    const auto add = [&](const std::string& text) {
      if (auto target = target_from_text(source_.task, text, problem)) targets.push_back(*std::move(target));
    };
    if (line.label) add(*line.label);
    for (const std::string& text : line.more_labels) add(text);
    return targets;
  }

 private:
  JsonItem read(std::size_t row) const {
    const Row& at = rows_.at(row);
    return read_json_item(file_.bytes().substr(at.begin, at.size), members_);
  }

  MappedFile file_;
  JsonMembers members_;
  std::vector<Row> rows_;
  Source source_;
};

class Reader {
 public:
  Reader(JsonMembers members, const Source& source, RowReport& report) : members_(std::move(members)), source_(source), report_(report), file_(source.file) {
    members_.several_labels = source.task == Task::kGeneration;
  }

  std::unique_ptr<Split> read() {
    const std::string_view bytes = file_.bytes();
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
      throw Error({{{source_.file.string()}, "is UTF-16, expected UTF-8", "convert it: iconv -f UTF-16 -t UTF-8"}});
    std::string ignored;
    if (task_has_targets(source_.task)) target_from_text(source_.task, {}, ignored);  // throws when no member can hold this task's targets
    for (std::size_t at = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0; at < bytes.size(); ++line_) {
      const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
      const std::string_view json = bytes.substr(at, end - at);
      if (json.find_first_not_of(" \t\r") != std::string_view::npos) {
        if (rows_.empty()) guess_members(json);
        if (std::string problem = check(json); !problem.empty()) report_.bad_row(line_, std::move(problem));
        else rows_.push_back({at, json.size(), line_});
      }
      at = end + 1;
    }
    if (empty_texts_ > 0) report_.note(std::to_string(empty_texts_) + (empty_texts_ == 1 ? " empty text" : " empty texts"));
    return std::make_unique<JsonlSplit>(file_, members_, std::move(rows_), source_);
  }

 private:
  // From the first line that can be read.
  void guess_members(std::string_view json) {
    const JsonMembers usual;
    if (source_.task != Task::kGeneration || members_.text != usual.text || members_.label != usual.label) return;
    const std::vector<std::string> names = read_json_item(json, members_).names;
    const auto has = [&](const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    if (has(members_.text) && has(members_.label)) return;
    if (const auto pair = guess_prompt_columns(names)) members_.text = pair->prompt, members_.label = pair->completion;
  }

  std::string check(std::string_view json) {
    const JsonItem line = read_json_item(json, members_);
    if (!line.problem.empty()) return line.problem;
    if (source_.needs_targets && task_has_targets(source_.task)) {
      if (!line.label) return "has no label, expected it in the member \"" + members_.label + "\"";
      std::string problem;
      if (!target_from_text(source_.task, *line.label, problem)) return "\"" + members_.label + "\" " + problem;
      for (const std::string& text : line.more_labels)
        if (!target_from_text(source_.task, text, problem)) return "\"" + members_.label + "\" " + problem;
    }
    if (line.id) {
      const auto [known, is_new] = line_of_id_.emplace(*line.id, line_);
      if (!is_new) return "id \"" + *line.id + "\" was given to line " + std::to_string(known->second) + " already";
    }
    if (const std::string* text = line.fields.text(kTextField)) empty_texts_ += text->empty();
    return {};
  }

  JsonMembers members_;
  Source source_;
  RowReport& report_;
  MappedFile file_;
  std::int64_t line_ = 1;
  std::vector<Row> rows_;
  std::unordered_map<std::string, std::int64_t> line_of_id_;
  std::int64_t empty_texts_ = 0;
};

class Jsonl final : public Dataset {
 public:
  explicit Jsonl(Options options) : members_(std::move(options.members)) {
    if (members_.text == members_.label) throw Error("dataset.text and dataset.label are both \"" + members_.text + "\"");
  }
  std::unique_ptr<Split> open(const Source& source, RowReport& report) const override { return Reader(members_, source, report).read(); }

 private:
  JsonMembers members_;
};

}  // namespace

TEMPER_PLUGIN(Dataset, Jsonl, Options, "jsonl", "Lines of JSON, one object and one item each.")
