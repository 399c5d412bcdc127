// Names of columns, and the choice among them.
#include "columns.h"

#include <algorithm>

#include <temper/prompt_columns.h>
#include <temper/targets.h>
#include <temper/utf8.h>

namespace temper_csv {

using temper::Error;
using temper::Place;
using temper::Problems;

namespace {

std::optional<std::size_t> find(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

void add_missing(const std::string& option, const std::string& name, const std::vector<std::string>& names, const Place& place, Problems& problems) {
  std::string list;
  for (const std::string& known : names) list += (list.empty() ? "" : ", ") + known;
  std::string remedy = temper::did_you_mean(name, names);
  if (!remedy.empty()) remedy += ' ';
  problems.add(place, "there is no column \"" + name + "\" for the " + option, remedy + "the columns are " + list + "; set dataset." + option);
}

}  // namespace

std::string text_problem(std::string_view cell) {
  const std::size_t valid = temper::valid_utf8_prefix(cell);
  if (valid != cell.size()) return "is not UTF-8 at its byte " + std::to_string(valid + 1);
  if (const std::size_t nul = cell.find('\0'); nul != std::string_view::npos) return "holds a NUL at its byte " + std::to_string(nul + 1);
  return {};
}

// Names must be unique to be fields; a column that has no name of its own is called by its number.
std::vector<std::string> name_columns(const Record& record, const Dialect& dialect, bool is_header, const Place& place) {
  std::vector<std::string> names;
  if (is_header && !record.problem.empty()) throw Error({{place, "the header cannot be read: " + record.problem, {}}});
  for (const Cell& cell : record.cells) {
    const std::string number = std::to_string(names.size() + 1);
    std::string name = is_header ? cell.text(dialect) : number;
    if (const std::string problem = text_problem(name); !problem.empty()) throw Error({{place, "the name of column " + number + " " + problem, {}}});
    if (name.empty()) name = number;
    if (find(names, name)) throw Error({{place, "two columns are called \"" + name + "\"", "rename one"}});
    names.push_back(std::move(name));
  }
  return names;
}

Columns choose_columns(std::vector<std::string> names, Wanted wanted, const temper::Source& source, const Place& place) {
  Columns columns;
  const bool are_named = wanted.text != Wanted().text || wanted.label != Wanted().label;
  const bool are_there = find(names, wanted.text) && find(names, wanted.label);
  if (source.task == temper::Task::kGeneration && !are_named && !are_there) {
    if (const auto usual = temper::guess_prompt_columns(names)) wanted.text = usual->prompt, wanted.label = usual->completion;
  }
  Problems problems;
  const bool has_targets = temper::task_has_targets(source.task);
  std::string ignored;
  if (has_targets) temper::target_from_text(source.task, {}, ignored);  // throws when no cell can hold this task's targets
  columns.label = find(names, wanted.label);  // wanted or not: no reference may stand among the fields
  if (!columns.label && has_targets && source.needs_targets) add_missing("label", wanted.label, names, place, problems);
  if (const auto text = find(names, wanted.text)) columns.text = *text;
  else add_missing("text", wanted.text, names, place, problems);
  if (wanted.id && !(columns.id = find(names, *wanted.id))) add_missing("id", *wanted.id, names, place, problems);
  if (wanted.text == wanted.label) {
    if (has_targets) problems.add(place, "text and label are the same column, \"" + wanted.text + "\"");
    columns.label.reset();
  }
  problems.throw_if_any();
  columns.names = std::move(names);
  return columns;
}

}  // namespace temper_csv
