// Read, shuffle, split, limit; then the labels.
#include "data/load_splits.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "data/label_order.h"
#include "data/leakage.h"
#include "data/partition.h"
#include "data/shuffle.h"

namespace temper::data {

namespace {

constexpr std::size_t kNamedRows = 20;  // bad rows that are named one by one
constexpr std::size_t kNamedPairs = 5;  // rows of two splits with the same input

// Rows of another split, in an order of their own.
class ChosenRows final : public Split {
 public:
  ChosenRows(std::shared_ptr<const Split> split, std::vector<std::size_t> rows) : split_(std::move(split)), rows_(std::move(rows)) {}
  std::size_t size() const override { return rows_.size(); }
  Item item(std::size_t row) const override { return split_->item(rows_.at(row)); }
  Targets targets(std::size_t row) const override { return split_->targets(rows_.at(row)); }
  std::int64_t line(std::size_t row) const override { return split_->line(rows_.at(row)); }

 private:
  std::shared_ptr<const Split> split_;
  std::vector<std::size_t> rows_;
};

class Collector final : public RowReport {
 public:
  explicit Collector(SplitReport& report) : report_(report) {}
  void bad_row(std::int64_t line, std::string what) override {
    ++report_.rows_dropped;
    if (report_.dropped.size() < kNamedRows) report_.dropped.push_back({{report_.file.string(), static_cast<int>(line)}, std::move(what), {}});
  }
  void note(std::string what) override { report_.notes.push_back(std::move(what)); }

 private:
  SplitReport& report_;
};

std::string rows(std::size_t count) { return std::to_string(count) + (count == 1 ? " row" : " rows"); }

void add_bad_rows(const SplitReport& report, Problems& problems) {
  for (const Problem& problem : report.dropped) problems.add(problem.place, problem.what, problem.remedy);
  const std::string remedy = "to leave out rows that cannot be read and count them: dataset.on_bad_row = \"drop\"";
  const bool is_encoding = std::any_of(report.dropped.begin(), report.dropped.end(), [](const Problem& problem) { return problem.what.find("is not UTF-8") != std::string::npos; });
  const std::string convert = is_encoding ? "to convert a file of another encoding: iconv -f WINDOWS-1252 -t UTF-8; " : "";
  const std::size_t more = static_cast<std::size_t>(report.rows_dropped) - report.dropped.size();
  problems.add({report.file.string()}, rows(static_cast<std::size_t>(report.rows_dropped)) + " of " + report.split + " cannot be read" +
                                           (more > 0 ? ", the first " + std::to_string(kNamedRows) + " are named above" : ""), convert + remedy);
}

bool is_label_task(Task task) { return task == Task::kClassification || task == Task::kMultiLabel || task == Task::kTokenClassification; }

void visit_labels(const Split& split, const std::function<void(std::size_t row, const std::string& label)>& take) {
  for (std::size_t row = 0; row < split.size(); ++row) {
    for (const Target& target : split.targets(row)) {
      if (const Label* label = std::get_if<Label>(&target)) take(row, label->name);
      else if (const Labels* labels = std::get_if<Labels>(&target)) for (const std::string& name : labels->names) take(row, name);
      else if (const Tags* tags = std::get_if<Tags>(&target)) for (const std::string& name : tags->names) take(row, name);
    }
  }
}

std::set<std::string> label_set(const Split& split) {
  std::set<std::string> labels;
  visit_labels(split, [&](std::size_t, const std::string& label) { labels.insert(label); });
  return labels;
}

// One split on its way: the file's rows, then those that are used.
struct Reading {
  SplitReport report;
  std::shared_ptr<const Split> all;
  std::vector<std::size_t> order;  // rows of `all` that are used
  bool emptiness_is_told = false;  // none is left, for a reason that is among the problems
  std::shared_ptr<const Split> used() const { return std::make_shared<ChosenRows>(all, order); }
};

class Loader {
 public:
  Loader(const Dataset& dataset, const DatasetOptions& options, Task task) : dataset_(dataset), options_(options), task_(task) {}

  Splits load() {
    auto train = read("train", options_.train);
    check_folds();
    if (train) keys_ = keys_of(*train);
    std::optional<Reading> validation, test;
    if (tests_folds() && train) test = take_fold("test", *train);  // first, so that all trials have the same folds
    validation = read_or_take("validation", options_.validation, train);
    if (!tests_folds()) test = read_or_take("test", options_.test, train);
    if (options_.folds && !tests_folds() && train) validation = take_fold("validation", *train);
    std::set<std::string> labels;
    if (train && is_label_task(task_)) labels = label_set(*train->all);
    Splits splits;
    splits.labels = sorted_labels(labels);
    if (train && is_label_task(task_) && options_.on_bad_row == "drop")
      for (std::optional<Reading>* reading : {&validation, &test}) leave_out_strangers(*reading, labels);
    check_leakage(train, validation, test);
    splits.train = use(train, options_.limit.train, splits);
    splits.validation = use(validation, options_.limit.validation, splits);
    splits.test = use(test, options_.limit.test, splits);
    if (splits.train && is_label_task(task_)) count_labels(splits);
    if (is_label_task(task_) && train) {
      check_labels(validation, splits.labels);
      check_labels(test, splits.labels);
      note_absent_labels(splits);
    }
    problems_.throw_if_any();
    return splits;
  }

 private:
  std::optional<Reading> read(const std::string& split, const std::filesystem::path& file) {
    Reading reading;
    try {
      reading.all = open_split(dataset_, {file, split, task_, true}, options_.on_bad_row == "drop", reading.report);
    } catch (const Error& error) {
      problems_.add(error);
      return std::nullopt;
    }
    reading.order = shuffled_order(reading.all->size(), static_cast<std::uint64_t>(options_.seed));
    return reading;
  }

  std::optional<Reading> read_or_take(const std::string& split, const std::optional<PathOrNumber>& from, std::optional<Reading>& train) {
    if (!from) return std::nullopt;
    if (const auto* file = std::get_if<std::filesystem::path>(&*from)) return read(split, *file);
    return train ? take_share(split, *train, std::get<double>(*from)) : std::nullopt;
  }

  void check_folds() {
    const bool is_given_twice = tests_folds() ? options_.test.has_value() : options_.folds && options_.validation;
    if (is_given_twice) problems_.add({}, "dataset.folds takes " + options_.fold_is + " out of the train rows, and dataset." + options_.fold_is + " is given too", "leave out one of them");
    if (options_.fold_is == "test" && !options_.folds) problems_.add({}, "dataset.fold_is is given without dataset.folds");
    if (options_.fold && !options_.folds) problems_.add({}, "dataset.fold is given without dataset.folds");
    if (options_.folds && !options_.fold) problems_.add({}, "dataset.folds is given, and dataset.fold does not say which one is " + options_.fold_is);
    if (options_.folds && options_.fold && *options_.fold > *options_.folds) problems_.add({}, "dataset.fold is " + std::to_string(*options_.fold) + ", dataset.folds " + std::to_string(*options_.folds));
  }

  bool tests_folds() const { return options_.folds && options_.fold_is == "test"; }

  // Empty where the options bind nothing together.
  RowKeys keys_of(const Reading& train) {
    RowKeys keys;
    const bool takes_parts = options_.folds || (options_.validation && std::holds_alternative<double>(*options_.validation)) || (options_.test && std::holds_alternative<double>(*options_.test));
    if (!takes_parts) return keys;
    std::map<std::string, std::size_t> numbers;
    const auto number = [&](const std::string& text) { return numbers.emplace(text, numbers.size()).first->second; };
    if (options_.group) {
      for (std::size_t row = 0; row < train.all->size(); ++row) {
        const Item item = train.all->item(row);
        if (const std::string* text = item.fields.text(*options_.group)) {
          keys.group.push_back(number(*text));
          continue;
        }
        std::vector<std::string> names;
        for (const auto& field : item.fields.all()) names.push_back(field.first);
        problems_.add({train.report.file.string(), static_cast<int>(train.all->line(row))}, "there is no text in the column \"" + *options_.group + "\", which dataset.group names", did_you_mean(*options_.group, names));
        return {};
      }
    }
    if (!options_.stratify) return keys;
    if (!is_label_task(task_)) {
      problems_.add({}, "dataset.stratify needs labels, and the task " + std::string(to_string(task_)) + " has none");
      return keys;
    }
    // Of several labels, the set of them.
    std::vector<std::set<std::string>> labels(train.all->size());
    visit_labels(*train.all, [&](std::size_t row, const std::string& label) { labels[row].insert(label); });
    numbers.clear();
    for (const std::set<std::string>& row : labels) {
      std::string joined;
      for (const std::string& label : row) joined += label + '\0';
      keys.stratum.push_back(number(joined));
    }
    return keys;
  }

  std::string how() const { return (options_.group ? ", whole groups of \"" + *options_.group + '"' : std::string()) + (options_.stratify ? ", each label in its share" : ""); }

  std::optional<Reading> take_fold(const std::string& split, Reading& train) {
    if (!problems_.empty()) return std::nullopt;
    const std::vector<std::size_t> fold_of = fold_of_rows(train.order, static_cast<std::size_t>(*options_.folds), keys_);
    Reading taken = part_of(train, split, "fold " + std::to_string(*options_.fold) + " of " + std::to_string(*options_.folds) + " of the train rows" + how());
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < fold_of.size(); ++i) (fold_of[i] + 1 == static_cast<std::size_t>(*options_.fold) ? taken.order : left).push_back(train.order[i]);
    const std::size_t used = std::set<std::size_t>(fold_of.begin(), fold_of.end()).size();
    if (used < static_cast<std::size_t>(*options_.folds)) {
      problems_.add({train.report.file.string()}, "holds " + rows(train.order.size()) + (options_.group ? " in too few groups of \"" + *options_.group + '"' : std::string()) + " for " + std::to_string(*options_.folds) + " folds");
      return std::nullopt;
    }
    train.order = std::move(left);
    taken.report.rows_read = static_cast<std::int64_t>(taken.order.size());
    return taken;
  }

  static Reading part_of(const Reading& train, const std::string& split, std::string note) {
    Reading taken;
    taken.report.split = split;
    taken.report.file = train.report.file;
    taken.report.notes.push_back(std::move(note));
    taken.all = train.all;
    return taken;
  }

  // The last rows of the shuffled order that are still train's, as many as the share of all rows comes to: at least one, and never all
  // that is left. Validation is taken first, so that a share for test changes none of its rows.
  std::optional<Reading> take_share(const std::string& split, Reading& train, double share) {
    const std::size_t all = train.all->size(), left = train.order.size();
    const auto count = std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(share * static_cast<double>(all))));
    if (count >= left) {
      problems_.add({train.report.file.string()}, "holds " + rows(all) + ", of which a share of " + to_toml(Value(share)) + " for " + split + " would leave none to train on");
      return std::nullopt;
    }
    Reading taken = part_of(train, split, "a share of " + to_toml(Value(share)) + " of the train rows" + how());
    taken.order = take_part(train.order, count, keys_);
    if (taken.order.empty() || train.order.empty()) {
      problems_.add({train.report.file.string()}, "no share of it can be taken for " + split + ": " + (options_.group ? "one group of \"" + *options_.group + "\" holds all rows" : "each label has a single row"));
      return std::nullopt;
    }
    taken.report.rows_read = static_cast<std::int64_t>(taken.order.size());
    return taken;
  }

  static void cut(Reading& reading, std::optional<std::int64_t> limit) {
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(limit.value_or(0), 0));
    if (limit && most < reading.order.size()) reading.order.resize(most);
  }

  // Rows that are used are compared; those that are dropped make room for others under the limit.
  void check_leakage(std::optional<Reading>& train, std::optional<Reading>& validation, std::optional<Reading>& test) {
    const bool drops = options_.leakage == "drop";
    if (test) cut(*test, options_.limit.test);
    if (validation && !drops) cut(*validation, options_.limit.validation);
    if (validation && test) compare(*validation, *test);
    if (validation) cut(*validation, options_.limit.validation);
    if (train && !drops) cut(*train, options_.limit.train);
    for (const auto* other : {&validation, &test})
      if (train && *other) compare(*train, **other);
  }

  void compare(Reading& reading, const Reading& other) {
    const SharedRows shared = shared_rows(*reading.used(), *other.used());
    if (shared.pairs.empty()) return;
    Leak leak{.other = other.report.split, .is_dropped = options_.leakage == "drop"};
    std::string examples;
    std::vector<std::size_t> left;
    std::size_t next = 0, named = 0;
    for (const SharedRows::Pair& pair : shared.pairs) {
      ++(pair.is_exact ? leak.exact : leak.similar);
      if (!pair.is_answered_alike) ++leak.answered_otherwise;
      left.insert(left.end(), reading.order.begin() + static_cast<std::ptrdiff_t>(next), reading.order.begin() + static_cast<std::ptrdiff_t>(pair.row));
      next = pair.row + 1;
      const std::int64_t line = reading.all->line(reading.order[pair.row]), other_line = other.all->line(other.order[pair.other]);
      if (line > 0 && other_line > 0 && named++ < kNamedPairs) examples += (examples.empty() ? "" : ", ") + std::to_string(line) + " = " + other.report.file.filename().string() + ':' + std::to_string(other_line);
    }
    left.insert(left.end(), reading.order.begin() + static_cast<std::ptrdiff_t>(next), reading.order.end());
    std::string what = rows(shared.pairs.size()) + " of " + reading.report.split + (shared.pairs.size() == 1 ? " stands" : " stand") + " in " + leak.other + " too (" + std::to_string(leak.exact) + " to the letter, " +
                       std::to_string(leak.similar) + " but for case, punctuation and blanks" + (leak.answered_otherwise ? "; " + std::to_string(leak.answered_otherwise) + " with another answer" : std::string()) + ")";
    if (!examples.empty()) what += ": line" + std::string(named > 1 ? "s " : " ") + examples + (named > kNamedPairs ? ", ..." : "");
    const std::string remedy = "to leave them out of " + reading.report.split + ": dataset.leakage = \"drop\"";
    if (options_.leakage == "fail") problems_.add({reading.report.file.string()}, what, remedy);
    else reading.report.notes.push_back(what + (leak.is_dropped ? "; left out" : "; " + remedy));
    if (leak.is_dropped) reading.order = std::move(left);
    reading.report.leaks.push_back(std::move(leak));
  }

  std::shared_ptr<const Split> use(std::optional<Reading>& reading, std::optional<std::int64_t> limit, Splits& splits) {
    if (!reading) return nullptr;
    const char* cause = reading->order.empty() ? "leakage" : "limit";
    cut(*reading, limit);
    if (reading->order.empty() && !reading->emptiness_is_told) problems_.add({reading->report.file.string()}, std::string("dataset.") + cause + " leaves no row of " + reading->report.split);
    reading->report.rows_used = static_cast<std::int64_t>(reading->order.size());
    splits.reports.push_back(reading->report);
    return reading->used();
  }

  // Rows with a label that train does not know count as rows that cannot be read.
  void leave_out_strangers(std::optional<Reading>& reading, const std::set<std::string>& known) {
    if (!reading) return;
    std::map<std::size_t, std::string> strangers;  // by place in the order
    visit_labels(*reading->used(), [&](std::size_t place, const std::string& label) {
      if (!known.contains(label)) strangers.emplace(place, label);
    });
    if (strangers.empty()) return;
    std::vector<std::pair<std::int64_t, std::string>> lines;
    std::vector<std::size_t> left;
    for (std::size_t place = 0; place < reading->order.size(); ++place) {
      const auto stranger = strangers.find(place);
      if (stranger == strangers.end()) left.push_back(reading->order[place]);
      else lines.emplace_back(reading->all->line(reading->order[place]), stranger->second);
    }
    std::sort(lines.begin(), lines.end());
    Collector collector(reading->report);
    for (const auto& [line, label] : lines) collector.bad_row(line, "label \"" + label + "\" is not in train");
    reading->report.rows_read -= static_cast<std::int64_t>(lines.size());
    reading->order = std::move(left);
    reading->emptiness_is_told = reading->order.empty();
    if (reading->order.empty()) problems_.add({reading->report.file.string(), static_cast<int>(lines.front().first)}, "no row of " + reading->report.split + " has labels that train has, the first has \"" + lines.front().second + '"');
  }

  // A class that train does not know can be neither learned nor scored.
  void check_labels(const std::optional<Reading>& reading, const std::vector<std::string>& known) {
    if (!reading) return;
    struct Stranger { std::size_t count = 0; std::int64_t line = 0; };
    std::map<std::string, Stranger> strangers;
    visit_labels(*reading->used(), [&](std::size_t row, const std::string& label) {
      if (std::find(known.begin(), known.end(), label) != known.end()) return;
      Stranger& stranger = strangers[label];
      const std::int64_t line = reading->all->line(reading->order[row]);
      stranger.line = stranger.count++ == 0 ? line : std::min(stranger.line, line);
    });
    std::string list;
    for (const std::string& label : known) list += (list.empty() ? "\"" : ", \"") + label + "\"";
    std::size_t named = 0;
    for (const auto& [label, stranger] : strangers) {
      if (named++ == kNamedRows) {
        problems_.add({reading->report.file.string()}, std::to_string(strangers.size() - kNamedRows) + " more labels are not in train");
        break;
      }
      const std::string remedy = did_you_mean(label, known);
      problems_.add({reading->report.file.string(), static_cast<int>(stranger.line)},
                    "label \"" + label + "\" (" + rows(stranger.count) + " of " + reading->report.split + ") is not in train",
                    remedy + (remedy.empty() ? "" : " ") + "train has " + list + "; to leave such rows out and count them: dataset.on_bad_row = \"drop\"");
    }
  }

  void count_labels(Splits& splits) const {
    for (SplitReport& report : splits.reports) {
      const auto& split = report.split == "train" ? splits.train : report.split == "validation" ? splits.validation : splits.test;
      std::map<std::string, std::int64_t> counts;
      visit_labels(*split, [&](std::size_t, const std::string& label) { ++counts[label]; });
      for (const std::string& label : splits.labels) report.label_counts.push_back(counts[label]);
    }
  }

  void note_absent_labels(Splits& splits) const {
    if (splits.train->size() == 0) return;
    const std::set<std::string> present = label_set(*splits.train);
    for (const std::string& label : splits.labels)
      if (!present.contains(label)) splits.reports.front().notes.push_back("no row that is used has the label \"" + label + "\"");
  }

  const Dataset& dataset_;
  const DatasetOptions& options_;
  Task task_;
  RowKeys keys_;  // of the rows of train's file
  Problems problems_;
};

}  // namespace

std::shared_ptr<const Split> open_split(const Dataset& dataset, const Source& source, bool drop_bad_rows, SplitReport& report) {
  report.split = source.split;
  report.file = source.file;
  std::error_code error;
  if (dataset.reads_files() && !std::filesystem::exists(source.file, error))
    throw Error({{{source.file.string()}, "there is no such file, named by dataset." + source.split, {}}});
  Collector collector(report);
  std::shared_ptr<const Split> split = dataset.open(source, collector);
  if (!split) throw Error({{{source.file.string()}, "the dataset plugin gave no split", {}}});
  report.rows_read = static_cast<std::int64_t>(split->size());
  Problems problems;
  if (report.rows_dropped > 0 && !drop_bad_rows) add_bad_rows(report, problems);
  if (split->size() == 0 && drop_bad_rows)
    for (const Problem& problem : report.dropped) problems.add(problem.place, problem.what, problem.remedy);
  if (split->size() == 0)
    problems.add({source.file.string()}, report.rows_dropped == 0 ? "holds no rows" : "holds no row that can be read; " + rows(static_cast<std::size_t>(report.rows_dropped)) + " cannot");
  problems.throw_if_any();
  return split;
}

std::vector<std::string> labels_of(const Split& split) { return sorted_labels(label_set(split)); }

Splits load_splits(const Dataset& dataset, const DatasetOptions& options, Task task) { return Loader(dataset, options, task).load(); }

}  // namespace temper::data
