// One pass over a file's rows, and the split that reads them again.
#include <temper/row_file.h>

#include <algorithm>
#include <unordered_map>

#include <temper/targets.h>

#include "data/row_form.h"

namespace temper {

namespace {

using data::ReadRow;
using data::RowColumns;
using data::RowForm;

class RowsOfFile final : public Split {
 public:
  RowsOfFile(std::unique_ptr<RowFile> file, std::optional<RowForm> form, std::vector<RowPlace> places, std::string split)
      : file_(std::move(file)), form_(std::move(form)), places_(std::move(places)), split_(std::move(split)) {}
  std::size_t size() const override { return places_.size(); }
  std::int64_t line(std::size_t row) const override { return places_.at(row).line; }
  Targets targets(std::size_t row) const override { return read(row).targets; }
  Item item(std::size_t row) const override {
    Item item = read(row).item;
    if (item.id.empty()) item.id = split_ + ":" + std::to_string(places_[row].line);
    return item;
  }

 private:
  ReadRow read(std::size_t row) const { return form_->read(file_->read(places_.at(row))); }

  std::unique_ptr<RowFile> file_;
  std::optional<RowForm> form_;  // none where there is no row
  std::vector<RowPlace> places_;
  std::string split_;
};

class Opening {
 public:
  Opening(std::unique_ptr<RowFile> file, const RowOptions& options, const Source& source, RowReport& report)
      : file_(std::move(file)), options_(options), source_(source), report_(report) {}

  std::unique_ptr<Split> open() {
    if (const RowFile::Header* header = file_->header()) {
      choose(header->names, header->line);
      check(*header);
    }
    Row row;
    while (const auto place = file_->next(row)) {
      if (row.problem.empty() && !form_) choose(row.names(), place->line);
      std::string problem = row.problem.empty() ? check(row, place->line) : row.problem;
      if (problem.empty()) places_.push_back(*place);
      else report_.bad_row(place->line, std::move(problem));
    }
    if (empty_texts_ > 0) report_.note(std::to_string(empty_texts_) + (empty_texts_ == 1 ? " empty text" : " empty texts"));
    if (changed_tags_ > 0) report_.note(std::to_string(changed_tags_) + (changed_tags_ == 1 ? " tag" : " tags") + " I- that begin an entity were read as B- (IOB1 to IOB2)");
    return std::make_unique<RowsOfFile>(std::move(file_), std::move(form_), std::move(places_), source_.split);
  }

 private:
  Place at(std::int64_t line) const { return {source_.file.string(), static_cast<int>(line)}; }

  void choose(const std::vector<std::string>& names, std::int64_t line) {
    RowColumns columns = data::choose_columns(options_, source_.task, names);
    Problems problems;
    RowColumns::Named roles = columns.inputs();
    if (task_has_targets(source_.task)) for (auto& role : columns.targets()) roles.push_back(role);
    for (std::size_t i = 0; i < roles.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (roles[i].second == roles[j].second) problems.add(at(line), roles[j].first + " and " + roles[i].first + " are the same " + file_->noun() + ", \"" + roles[i].second + "\"");
    problems.throw_if_any();
    if (!columns.note.empty()) report_.note(columns.note);
    const RowColumns::Named inputs = columns.inputs();
    const bool has_text = !inputs.empty() && inputs[0].first == kTextField;
    const bool is_hidden = has_text && inputs[0].second != kTextField && columns.label != kTextField && columns.id != kTextField && std::find(names.begin(), names.end(), kTextField) != names.end();
    if (is_hidden) report_.note("the " + file_->noun() + " \"text\" is no field: {text} is the " + file_->noun() + " \"" + columns.text + "\"");
    form_.emplace(std::move(columns), options_, source_, file_->noun());
  }

  // All columns that are missing at once.
  void check(const RowFile::Header& header) const {
    Problems problems;
    const auto has = [&](const std::string& name) { return std::find(header.names.begin(), header.names.end(), name) != header.names.end(); };
    const auto need = [&](const std::string& option, const std::string& name) {
      if (has(name) || (option == kTextField && has(kInputIdsField))) return;
      std::string remedy = did_you_mean(name, header.names), list;
      for (const std::string& known : header.names) list += (list.empty() ? "" : ", ") + known;
      if (!remedy.empty()) remedy += ' ';
      problems.add(at(header.line), "there is no " + file_->noun() + " \"" + name + "\" for the " + option, remedy + "the columns are " + list + (form_->columns().form == data::Form::kAlpaca ? "" : "; set dataset." + option));
    };
    const RowColumns& columns = form_->columns();
    if (source_.needs_targets && task_has_targets(source_.task))
      for (const auto& [option, name] : columns.targets()) need(option, name);
    for (const auto& [option, name] : columns.inputs()) need(option, name);
    if (columns.id) need("id", *columns.id);
    problems.throw_if_any();
  }

  std::string check(const Row& row, std::int64_t line) {
    const ReadRow read = form_->read(row);
    if (!read.problem.empty()) return read.problem;
    if (!read.item.id.empty()) {
      const auto [known, is_new] = line_of_id_.emplace(read.item.id, line);
      if (!is_new) return "id \"" + read.item.id + "\" was given to line " + std::to_string(known->second) + " already";
    }
    if (const std::string* text = read.item.fields.text(kTextField)) empty_texts_ += text->empty();
    changed_tags_ += static_cast<std::int64_t>(read.changed_tags);
    return {};
  }

  std::unique_ptr<RowFile> file_;
  const RowOptions& options_;
  const Source& source_;
  RowReport& report_;
  std::optional<RowForm> form_;
  std::vector<RowPlace> places_;
  std::unordered_map<std::string, std::int64_t> line_of_id_;
  std::int64_t empty_texts_ = 0, changed_tags_ = 0;
};

}  // namespace

std::unique_ptr<Split> open_rows(std::unique_ptr<RowFile> file, const RowOptions& options, const Source& source, RowReport& report) {
  return Opening(std::move(file), options, source, report).open();
}

}  // namespace temper
