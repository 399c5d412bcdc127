// Datasets in one JSON document: an array of objects, or an object of objects, is the rows.
#include <algorithm>

#include <temper/row_file.h>
#include <temper/text_lines.h>
#include <temper/value.h>

namespace {

using namespace temper;

struct Options {
  RowOptions columns;
  std::string rows;
  std::string key = "key";

  void visit(OptionVisitor& v) {
    columns.visit(v);
    v.option("rows", rows, "Where in the document the rows are: members joined by dots, data.items; by default the document itself.");
    v.option("key", key, "What the name of each row is called, as a column, where the rows are the members of an object.");
  }
};

class JsonRows final : public RowFile {
 public:
  JsonRows(const std::filesystem::path& path, const Options& options) : key_(options.key) {
    const MappedFile file(path);
    Value document = parse_json(file.bytes().substr(text_begin(file)), path.string());
    Value* rows = options.rows.empty() ? &document : const_cast<Value*>(document.find_path(options.rows));
    if (!rows || (!rows->is_array() && !rows->is_table()))
      throw Error({{rows ? rows->place : Place{path.string()}, "there is no array and no object of rows" + (options.rows.empty() ? "" : " at \"" + options.rows + '"'), "dataset.rows tells where they are; for an object per line take the plugin jsonl"}});
    if (rows->is_table()) for (auto& [name, row] : rows->as_table()) add(name, std::move(row));
    else for (Value& row : rows->as_array()) add({}, std::move(row));
  }

  std::optional<RowPlace> next(Row& row) override {
    if (next_ == rows_.size()) return std::nullopt;
    const RowPlace place{next_, rows_[next_].second.place.line};
    row = read(place);
    ++next_;
    return place;
  }

  Row read(const RowPlace& place) const override {
    const auto& [name, members] = rows_[place.begin];
    if (!members.is_table()) return {{}, std::string("is ") + members.type_name() + ", expected an object"};
    Row row;
    if (!name.empty()) row.values.push_back({key_, {RowValue::Kind::kText, name}});
    for (const auto& [member, value] : members.as_table()) {
      if (member.empty()) return {{}, "has a member without a name"};
      if (row.find(member)) return {{}, "has the member \"" + member + "\" twice"};
      row.values.push_back({member, row_value(value)});
      const std::string& text = row.values.back().second.text;
      if (const std::string problem = text_problem(text); !problem.empty() || (!value.is_string() && json_holds_nul(text))) return {{}, "member \"" + member + "\" " + (problem.empty() ? "holds a NUL" : problem)};
    }
    return row;
  }
  std::string noun() const override { return "member"; }

 private:
  void add(std::string name, Value row) { rows_.emplace_back(std::move(name), std::move(row)); }

  static RowValue row_value(const Value& value) {
    using Kind = RowValue::Kind;
    if (value.is_string()) return {Kind::kText, value.as_string()};
    if (value.is_null()) return {Kind::kNull, {}};
    return {value.is_array() ? Kind::kArray : value.is_table() ? Kind::kObject : value.is_bool() ? Kind::kBoolean : Kind::kNumber, to_json(value)};
  }

  std::string key_;
  std::vector<std::pair<std::string, Value>> rows_;
  std::size_t next_ = 0;
};

class Json final : public Dataset {
 public:
  explicit Json(Options options) : options_(std::move(options)) {}
  std::unique_ptr<Split> open(const Source& source, RowReport& report) const override { return open_rows(std::make_unique<JsonRows>(source.file, options_), options_.columns, source, report); }

 private:
  Options options_;
};

}  // namespace

TEMPER_PLUGIN(Dataset, Json, Options, "json", "One JSON document: an array of objects, or an object of objects, one item each.")
