// The dataset contract, check by check.
#include <temper/testing/dataset.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <functional>
#include <set>
#include <thread>

#include <temper/targets.h>
#include <temper/utf8.h>

namespace temper::testing {

namespace {

class Rows final : public RowReport {
 public:
  void bad_row(std::int64_t line, std::string what) override {
    if (count_++ == 0) first_ = "line " + std::to_string(line) + " " + what;
  }
  void note(std::string) override {}
  std::size_t count() const { return count_; }
  const std::string& first() const { return first_; }

 private:
  std::size_t count_ = 0;
  std::string first_;
};

struct ToText {
  std::string operator()(const std::string& text) const { return "text " + text; }
  std::string operator()(const std::vector<std::string>& tokens) const {
    std::string text = "tokens";
    for (const std::string& token : tokens) text += ' ' + std::to_string(token.size()) + ':' + token;
    return text;
  }
  std::string operator()(const std::vector<std::int64_t>& ids) const {
    std::string text = "ids";
    for (const std::int64_t id : ids) text += ' ' + std::to_string(id);
    return text;
  }
  std::string operator()(const std::vector<Message>& messages) const {
    std::string text = "messages";
    for (const Message& m : messages) text += ' ' + std::to_string(m.role.size()) + ':' + m.role + ' ' + std::to_string(m.content.size()) + ':' + m.content;
    return text;
  }
};

// A row as one text: equal rows give equal texts, and no others do.
struct Row {
  Item item;
  Targets targets;
  std::string text() const {
    std::string text = item.id + '\n';
    for (const auto& [name, value] : item.fields.all()) text += name + " = " + std::visit(ToText{}, value) + '\n';
    for (const Target& target : targets) text += "-> " + std::to_string(target.index()) + ' ' + to_string(target) + '\n';
    return text;
  }
};

Row read(const Split& split, std::size_t row) { return {split.item(row), split.targets(row)}; }

std::string at(std::size_t row, const Row& r) { return "row " + std::to_string(row) + " (id \"" + r.item.id + "\")"; }

std::size_t kind_of(Task task) {
  switch (task) {
    case Task::kClassification: return Target(Label{}).index();
    case Task::kMultiLabel: return Target(Labels{}).index();
    case Task::kRegression: return Target(Score{}).index();
    case Task::kTokenClassification: return Target(Tags{}).index();
    case Task::kQuestionAnswering: return Target(Spans{}).index();
    default: return Target(Text{}).index();
  }
}

bool is_empty(const Target& target) {
  const auto any_empty = [](const std::vector<std::string>& names) { return std::find(names.begin(), names.end(), "") != names.end(); };
  if (const Label* label = std::get_if<Label>(&target)) return label->name.empty();
  if (const Labels* labels = std::get_if<Labels>(&target)) return any_empty(labels->names);
  if (const Tags* tags = std::get_if<Tags>(&target)) return tags->names.empty() || any_empty(tags->names);
  if (const Text* text = std::get_if<Text>(&target)) return text->text.empty();
  if (const Score* score = std::get_if<Score>(&target)) return !std::isfinite(score->value);
  return false;
}

class Suite {
 public:
  Suite(std::unique_ptr<Dataset> dataset, const Source& source) : dataset_(std::move(dataset)), source_(source) {}

  Failures run() {
    if (!opens() || !has_rows() || !reads_every_row()) return failures_;
    ids_are_unique();
    has_fields();
    holds_utf8();
    targets_fit_the_task();
    hides_the_targets();
    reads_the_same_again();
    reads_from_many_threads();
    reads_without_targets();
    missing_file_is_an_error();
    outlives_its_dataset();
    return failures_;
  }

 private:
  bool fail(std::string check, std::string what) {
    failures_.push_back({std::move(check), std::move(what)});
    return false;
  }

  // Runs a check; an exception that it lets through is its failure. Gives whether it held.
  bool holds(const std::string& check, const std::function<std::string()>& run) {
    std::string what;
    try {
      what = run();
    } catch (const std::exception& error) {
      what = std::string("threw: ") + error.what();
    }
    return what.empty() || fail(check, what);
  }

  bool opens() {
    return holds("opens", [&]() -> std::string {
      Rows report;
      split_ = dataset_->open(source_, report);
      if (!split_) return "open gave no split";
      if (report.count() > 0) return "open reported " + std::to_string(report.count()) + " bad rows of a good source, the first: " + report.first();
      return {};
    });
  }

  bool has_rows() {
    return holds("has_rows", [&] { return split_->size() > 0 ? std::string() : "the split is empty"; });
  }

  bool reads_every_row() {
    return holds("reads_every_row", [&] {
      for (std::size_t row = 0; row < split_->size(); ++row) {
        rows_.push_back(read(*split_, row));
        texts_.push_back(rows_.back().text());
      }
      return std::string();
    });
  }

  // A check of one row after the other; the first finding is reported.
  void each_row(const std::string& check, const std::function<std::string(const Row&)>& look) {
    holds(check, [&]() -> std::string {
      for (std::size_t row = 0; row < rows_.size(); ++row)
        if (const std::string what = look(rows_[row]); !what.empty()) return at(row, rows_[row]) + " " + what;
      return {};
    });
  }

  void ids_are_unique() {
    std::set<std::string> known;
    each_row("ids_are_unique", [&](const Row& row) -> std::string {
      if (row.item.id.empty()) return "has no id";
      return known.insert(row.item.id).second ? "" : "has an id that came before";
    });
  }

  void has_fields() {
    each_row("has_fields", [&](const Row& row) -> std::string {
      if (row.item.fields.all().empty()) return "has no field";
      std::set<std::string> names;
      for (const auto& [name, value] : row.item.fields.all()) {
        if (name.empty()) return "has a field without a name";
        if (!names.insert(name).second) return "has the field \"" + name + "\" twice";
      }
      return {};
    });
  }

  void holds_utf8() {
    each_row("holds_utf8", [&](const Row& row) -> std::string {
      const std::string text = row.text();
      if (valid_utf8_prefix(text) != text.size()) return "holds bytes that are not UTF-8";
      return text.find('\0') == std::string::npos ? "" : "holds a NUL";
    });
  }

  void targets_fit_the_task() {
    const bool wants_targets = task_has_targets(source_.task) && source_.needs_targets;
    each_row("targets_fit_the_task", [&](const Row& row) -> std::string {
      if (wants_targets && row.targets.empty()) return "has no target";
      for (const Target& target : row.targets) {
        if (target.index() != kind_of(source_.task)) return "has a target that is not of the task " + std::string(to_string(source_.task));
        if (is_empty(target)) return "has an empty target";
      }
      return {};
    });
  }

  void hides_the_targets() {
    std::set<std::string> targets;
    for (const Row& row : rows_)
      if (!row.targets.empty()) targets.insert(to_string(row.targets[0]));
    if (targets.size() < 2) return;
    for (const auto& [name, unused] : rows_[0].item.fields.all()) {
      std::size_t equal = 0;
      for (const Row& row : rows_) {
        const std::string* text = row.item.fields.text(name);
        equal += text && !row.targets.empty() && *text == to_string(row.targets[0]);
      }
      if (equal == rows_.size()) fail("hides_the_targets", "the field \"" + name + "\" holds the target of every item");
    }
  }

  void reads_the_same_again() {
    holds("reads_the_same_again", [&]() -> std::string {
      for (std::size_t row = rows_.size(); row-- > 0;)
        if (read(*split_, row).text() != texts_[row]) return at(row, rows_[row]) + " differs when it is read again";
      Rows report;
      const auto again = dataset_->open(source_, report);
      if (!again || again->size() != rows_.size()) return "a second open gives another number of rows";
      for (std::size_t row = 0; row < rows_.size(); ++row)
        if (read(*again, row).text() != texts_[row]) return at(row, rows_[row]) + " differs in a second open";
      return {};
    });
  }

  void reads_from_many_threads() {
    constexpr std::size_t kThreads = 4, kRowsEach = 2000;
    std::atomic<std::size_t> different{0}, thrown{0};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = 0; i < std::max(rows_.size(), kRowsEach); ++i) {
          const std::size_t row = (i * (2 * t + 1) + t) % rows_.size();
          try {
            different += read(*split_, row).text() != texts_[row];
          } catch (...) {
            ++thrown;
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    if (different + thrown > 0)
      fail("reads_from_many_threads", std::to_string(different) + " rows differed and " + std::to_string(thrown) + " threw when " + std::to_string(kThreads) + " threads read at once");
  }

  void reads_without_targets() {
    holds("reads_without_targets", [&]() -> std::string {
      Source source = source_;
      source.needs_targets = false;
      Rows report;
      const auto split = dataset_->open(source, report);
      if (!split || split->size() < rows_.size()) return "a source that needs no targets has fewer rows";
      return {};
    });
  }

  void missing_file_is_an_error() {
    if (!dataset_->reads_files()) return;
    Source source = source_;
    source.file += ".missing";
    Rows report;
    try {
      dataset_->open(source, report);
      fail("missing_file_is_an_error", "a file that is not there was opened");
    } catch (const Error& error) {
      if (std::string(error.what()).find(source.file.filename().string()) == std::string::npos)
        fail("missing_file_is_an_error", std::string("the error does not name the file: ") + error.what());
    } catch (const std::exception& error) {
      fail("missing_file_is_an_error", std::string("threw something else than temper::Error: ") + error.what());
    }
  }

  void outlives_its_dataset() {
    dataset_.reset();
    holds("outlives_its_dataset", [&]() -> std::string {
      for (std::size_t row = 0; row < rows_.size(); ++row)
        if (read(*split_, row).text() != texts_[row]) return at(row, rows_[row]) + " differs once the dataset is gone";
      return {};
    });
  }

  std::unique_ptr<Dataset> dataset_;
  Source source_;
  Failures failures_;
  std::unique_ptr<Split> split_;
  std::vector<Row> rows_;
  std::vector<std::string> texts_;  // of rows_
};

}  // namespace

Failures dataset_failures(std::unique_ptr<Dataset> dataset, const Source& source) { return Suite(std::move(dataset), source).run(); }

}  // namespace temper::testing
