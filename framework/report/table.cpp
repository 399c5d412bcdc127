// See table.h.
#include "report/table.h"

#include <algorithm>
#include <map>

#include "report/columns.h"
#include "report/comparison_table.h"
#include "report/words.h"

namespace temper::report {

namespace {

using record::StudySummary;
using record::TrialSummary;

Style style_of_verdict(const std::string& verdict) {
  if (verdict == "good") return Style::kGreen;
  if (verdict == "diverged") return Style::kRed;
  return verdict == "undecided" ? Style::kDim : Style::kYellow;
}

Style style_of_status(const std::string& status) {
  if (status == record::kComplete) return Style::kPlain;
  return status == record::kFailed || status == record::kDiverged ? Style::kRed : Style::kYellow;
}

// From the least important columns, which go first, to the most. (Failures are listed below the table with their status.)
enum Importance { kFurtherMetric, kUneventfulStatus, kFirstMetric, kSeed, kStatus, kVerdict, kOption, kObjective, kTrial };

template <typename F>
TableColumn column(const std::string& title, const std::vector<const TrialSummary*>& rows, Importance importance, bool is_number, F&& cell) {
  TableColumn result{title, {}, is_number, importance};
  for (const TrialSummary* row : rows) result.cells.push_back(cell(*row));
  return result;
}

const Value* swept_value(const TrialSummary& trial, const std::string& path) {
  for (const auto& [name, value] : trial.swept)
    if (name == path) return &value;
  return nullptr;
}

// Whether some strategy ran under more than one. (One that uses no seed has 0.)
bool several_seeds(const std::vector<const TrialSummary*>& rows) {
  std::map<std::string, std::int64_t> first;
  return std::any_of(rows.begin(), rows.end(), [&](const TrialSummary* row) { return first.try_emplace(row->strategy, row->seed).first->second != row->seed; });
}

std::vector<TableColumn> columns_of(const StudySummary& study, const std::vector<const TrialSummary*>& rows) {
  const TrialSummary* best = study.best();
  const auto any = [&](auto is) { return std::any_of(rows.begin(), rows.end(), [&](const TrialSummary* row) { return is(*row); }); };
  std::vector<TableColumn> columns;
  if (best) {
    columns.push_back(column("", rows, kTrial, false, [&](const TrialSummary& t) { return Cell{&t == best ? "*" : "", Style::kGreen}; }));
  }
  columns.push_back(column("trial", rows, kTrial, true, [&](const TrialSummary& t) {
    return Cell{std::to_string(t.number), &t == best ? Style::kBold : Style::kPlain};
  }));
  columns.push_back(column("strategy", rows, kTrial, false, [&](const TrialSummary& t) {
    return Cell{t.strategy, &t == best ? Style::kBold : Style::kPlain};
  }));
  if (any([](const TrialSummary& t) { return t.from_trial > 0; }))
    columns.push_back(column("from", rows, kOption, true, [](const TrialSummary& t) { return Cell{t.from_trial > 0 ? std::to_string(t.from_trial) : "-"}; }));
  const std::vector<std::string> names = short_names(study.swept);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& path = study.swept[i];
    const bool is_number = !any([&](const TrialSummary& t) {
      const Value* value = swept_value(t, path);
      return value && !value->is_number();
    });
    columns.push_back(column(names[i], rows, kOption, is_number, [&](const TrialSummary& t) {
      const Value* value = swept_value(t, path);
      return Cell{value ? option_text(*value) : "-"};
    }));
  }
  if (several_seeds(rows))
    columns.push_back(column("seed", rows, kSeed, true, [](const TrialSummary& t) { return Cell{std::to_string(t.seed)}; }));
  const bool all_complete = !any([](const TrialSummary& t) { return t.status != record::kComplete; });
  columns.push_back(column("status", rows, all_complete ? kUneventfulStatus : kStatus, false,
                           [](const TrialSummary& t) { return Cell{t.status, style_of_status(t.status)}; }));
  if (any([](const TrialSummary& t) { return !t.in_file; }))
    columns.push_back(column("in file", rows, kStatus, false, [](const TrialSummary& t) { return Cell{t.in_file ? "yes" : "no", t.in_file ? Style::kPlain : Style::kDim}; }));
  if (any([](const TrialSummary& t) { return !t.verdict.empty(); }))
    columns.push_back(column("verdict", rows, kVerdict, false, [](const TrialSummary& t) {
      return Cell{t.verdict.empty() ? "-" : t.verdict, style_of_verdict(t.verdict)};
    }));
  if (!study.objective.empty())
    columns.push_back(column(study.objective, rows, kObjective, true, [](const TrialSummary& t) { return Cell{short_number(t.objective)}; }));
  for (std::size_t i = 0; i < study.metrics.size(); ++i)
    columns.push_back(column(study.metrics[i], rows, i == 0 ? kFirstMetric : kFurtherMetric, true, [&](const TrialSummary& t) {
      return Cell{with_error(t.metrics.at(i).value, t.metrics.at(i).standard_error)};
    }));
  return columns;
}

std::string counts(const StudySummary& study) {
  const auto gone = std::count_if(study.trials.begin(), study.trials.end(), [](const TrialSummary& t) { return !t.in_file; });
  const std::string text = count_of(static_cast<std::int64_t>(study.trials.size()) - gone, "trial");
  const std::string earlier = gone > 0 ? " and " + std::to_string(gone) + " of earlier versions of the file" : "";
  std::string parts;
  for (const char* status : {record::kComplete, record::kDiverged, record::kPruned, record::kFailed, record::kPending}) {
    const auto count = std::count_if(study.trials.begin(), study.trials.end(), [&](const TrialSummary& t) { return t.in_file && t.status == status; });
    if (count > 0) parts += (parts.empty() ? "" : ", ") + std::to_string(count) + " " + status;
  }
  return (parts.empty() ? text : text + " (" + parts + ")") + earlier;
}

// Texts of users and plugins may hold anything; lines after the first are set in.
std::string clean(const std::string& text) {
  std::string result;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    result += (begin > 0 ? "\n    " : "") + printable(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

std::string failures(const StudySummary& study, const Terminal& terminal) {
  std::string text;
  for (const TrialSummary& trial : study.trials) {
    if (trial.status != record::kFailed || !trial.in_file) continue;
    text += styled("trial " + std::to_string(trial.number) + " (" + clean(trial_label(trial.strategy, trial.swept)) + ") failed", Style::kRed, terminal);
    text += ": " + clean(trial.error.empty() ? "no reason was recorded" : trial.error) + "\n";
  }
  return text;
}

std::string closing(const StudySummary& study, const Terminal& terminal) {
  const TrialSummary* best = study.best();
  if (!best) {
    if (study.objective.empty()) return "no trial is called the best: there is no validation split to choose by\n";
    return "no trial is called the best: none is complete with a " + study.objective + "\n";
  }
  const char* direction = study.objective_better == Better::kLower ? "lowest " : "highest ";
  std::string text = styled("best (" + std::string(direction) + study.objective + "): trial " + std::to_string(best->number), Style::kBold, terminal);
  text += ", " + clean(trial_label(best->strategy, best->swept)) + ": " + study.objective + " " + short_number(best->objective);
  std::string metrics;
  for (const record::MetricResult& metric : best->metrics)
    if (metric.value == metric.value) metrics += (metrics.empty() ? "" : ", ") + metric.name + " " + with_error(metric.value, metric.standard_error);
  if (!metrics.empty()) text += "; on the test split: " + metrics;
  text += "\n";
  if (!best->reason.empty()) text += "its curves: " + best->verdict + ", " + clean(best->reason) + "\n";
  return text;
}

}  // namespace

std::string study_table(const StudySummary& study, const Terminal& terminal) {
  std::string text = styled(clean(study.name), Style::kBold, terminal) + ": " + counts(study) + "\n";
  std::vector<const TrialSummary*> rows;
  for (const TrialSummary& trial : study.trials)
    if (trial.status != record::kPending) rows.push_back(&trial);
  if (rows.empty()) return text + "no trial has ended yet\n";
  const Columns columns = lay_out(columns_of(study, rows), terminal);
  text += "\n" + columns.text + "\n";
  if (!columns.dropped.empty()) {
    std::string list;
    for (const std::string& title : columns.dropped) list += (list.empty() ? "" : ", ") + title;
    text += styled("no room for " + list + "; a wider terminal shows them, study.h5 holds them", Style::kDim, terminal) + "\n";
  }
  text += failures(study, terminal);
  if (study.comparison) {
    const std::string comparison = comparison_table(*study.comparison, terminal);
    if (!comparison.empty()) text += comparison + "\n";
  }
  return text + closing(study, terminal);
}

}  // namespace temper::report
