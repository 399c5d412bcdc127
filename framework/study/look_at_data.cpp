// Reads a file as `run` would, by the plugin csv or line by line, and keeps a sample of its columns.
#include "study/look_at_data.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include <temper/dataset.h>
#include <temper/error.h>
#include <temper/mapped_file.h>

#include "registry/registry.h"

namespace temper::study {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kHeadBytes = std::size_t{1} << 18;      // what the delimiter is guessed from
constexpr std::size_t kSampleBytes = std::size_t{64} << 20;   // about what a sample may take
constexpr std::size_t kNamedRows = 5;

class Collector final : public RowReport {
 public:
  void bad_row(std::int64_t line, std::string what) override {
    ++count;
    first_line = count == 1 ? line : std::min(first_line, line);
    const std::string place = "line " + std::to_string(line) + " " + what;
    if (places.size() < kNamedRows) places.push_back(place);
    if (what.find("is not UTF-8") == std::string::npos) return;
    ++not_utf8;
    if (not_utf8_places.size() < kNamedRows) not_utf8_places.push_back(place);
  }
  void note(std::string) override {}
  std::int64_t count = 0, not_utf8 = 0, first_line = 0;
  std::vector<std::string> places, not_utf8_places;
};

std::string described(const std::vector<std::string>& places) {
  std::string text;
  for (const std::string& place : places) text += (text.empty() ? "" : "; ") + place;
  return text;
}

void refuse_other_formats(std::string_view bytes, const fs::path& file) {
  const auto refuse = [&](const char* what, const char* remedy) { throw Error({{{file.string()}, std::string("is ") + what + ", expected CSV or JSON lines", remedy}}); };
  if (bytes.empty()) refuse("empty", "");
  if (bytes.starts_with("PK\x03\x04")) refuse("a zip archive (an Excel workbook is one)", "save the sheet as CSV, in UTF-8");
  if (bytes.starts_with("PAR1")) refuse("a Parquet file", "write it as CSV or JSON lines first");
  if (bytes.starts_with("\x1F\x8B")) refuse("compressed", "unpack it: gunzip FILE");
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) refuse("UTF-16", "convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW");
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) refuse("blank", "");
  if (bytes[first] == '[' && bytes.find_first_not_of(" \t\r\n", first + 1) != std::string_view::npos && bytes[bytes.find_first_not_of(" \t\r\n", first + 1)] == '{')
    refuse("a JSON array", "make lines of it: jq -c '.[]' FILE > NEW.jsonl");
}

void refuse_other_encodings(const Collector& bad, std::int64_t good, const fs::path& file) {
  if (bad.not_utf8 * 100 <= good + bad.count) return;
  throw Error({{{file.string()}, std::to_string(bad.not_utf8) + (bad.not_utf8 == 1 ? " row is" : " rows are") + " not UTF-8: " + described(bad.not_utf8_places), "convert it, for instance: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW"}});
}

// At most `sample` of `rows` rows, evenly spaced, and no more than fit kSampleBytes.
std::vector<std::size_t> evenly_spaced(std::size_t rows, std::int64_t sample, std::size_t bytes) {
  const std::size_t row_bytes = std::max<std::size_t>(1, bytes / std::max<std::size_t>(1, rows));
  const std::size_t count = std::min({rows, static_cast<std::size_t>(sample), std::max<std::size_t>(100, kSampleBytes / row_bytes)});
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(static_cast<std::size_t>(static_cast<double>(i) * static_cast<double>(rows) / static_cast<double>(count)));
  return chosen;
}

bool is_number(const std::string& cell) {
  char* end = nullptr;
  std::strtod(cell.c_str(), &end);
  return !cell.empty() && *end == '\0';
}

// The first row holds values rather than names: a number, a long text, or what stands again in its column.
bool first_row_is_data(const std::vector<std::string>& first, const std::vector<DataColumn>& columns) {
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (is_number(first[i]) || first[i].size() > 80) return true;
    if (first[i].empty()) continue;
    const auto& values = columns[i].values;
    const bool is_label_like = std::set<std::string>(values.begin(), values.end()).size() * 2 <= values.size();
    if (is_label_like && std::find(values.begin(), values.end(), first[i]) != values.end()) return true;
  }
  return false;
}

struct OpenedCsv {
  std::shared_ptr<const Split> split;
  Collector bad;
};

// Without a header: its row is then one like the others, and columns are called 1, 2, 3.
OpenedCsv open_csv(const fs::path& file, const registry::Registry& registry, char delimiter, const std::string& quote) {
  OpenedCsv opened;
  const Value options(Value::Table{{"text", Value("1")}, {"label", Value("0")}, {"header", Value(false)}, {"delimiter", Value(std::string(1, delimiter))}, {"quote", Value(quote)}});
  opened.split = registry.create<Dataset>("csv", options)->open({fs::absolute(file), "train", Task::kClassification, false}, opened.bad);
  return opened;
}

std::vector<std::string> cells_of(const Split& split, std::size_t row, std::size_t width) {
  const Item item = split.item(row);
  std::vector<std::string> cells;
  for (std::size_t i = 1; i <= width; ++i) cells.push_back(*item.fields.text(std::to_string(i)));
  return cells;
}

DataLook look_at_csv(const MappedFile& mapped, const registry::Registry& registry, std::int64_t sample) {
  const fs::path& file = mapped.path();
  DataLook look;
  look.file = file;
  look.plugin = "csv";
  const char delimiter = guess_delimiter(mapped.bytes().substr(0, kHeadBytes));
  std::string quote = "\"";
  OpenedCsv opened = open_csv(file, registry, delimiter, quote);
  if (opened.bad.count > 0) {  // perhaps quotes are ordinary characters here
    OpenedCsv plain = open_csv(file, registry, delimiter, "");
    if (plain.bad.count < opened.bad.count) opened = std::move(plain), quote.clear();
  }
  const Split& split = *opened.split;
  refuse_other_encodings(opened.bad, static_cast<std::int64_t>(split.size()), file);
  if (split.size() == 0 || (opened.bad.count > 0 && opened.bad.first_line < split.line(0)))
    throw Error({{{file.string()}, "the first row cannot be read: " + described(opened.bad.places), {}}});
  if (opened.bad.count > static_cast<std::int64_t>(split.size()))
    throw Error({{{file.string()}, std::to_string(opened.bad.count) + " of " + std::to_string(opened.bad.count + static_cast<std::int64_t>(split.size())) + " rows cannot be read: " + described(opened.bad.places),
                  "cells that hold commas or line breaks must stand in double quotes"}});

  const Item first_item = split.item(0);
  const std::size_t width = first_item.fields.all().size() - 1;  // the field "text" is column 1 again
  const std::vector<std::string> first = cells_of(split, 0, width);
  look.columns.resize(width);
  for (const std::size_t row : evenly_spaced(split.size() - 1, sample, mapped.bytes().size())) {
    std::vector<std::string> cells = cells_of(split, row + 1, width);
    for (std::size_t i = 0; i < width; ++i) look.columns[i].values.push_back(std::move(cells[i]));
  }
  const bool has_header = !first_row_is_data(first, look.columns);
  for (std::size_t i = 0; i < width; ++i) {
    look.columns[i].name = has_header && !first[i].empty() ? first[i] : std::to_string(i + 1);
    if (!has_header) look.columns[i].values.insert(look.columns[i].values.begin(), first[i]);
  }
  look.rows = static_cast<std::int64_t>(split.size()) - (has_header ? 1 : 0);
  look.bad_rows = opened.bad.count;
  look.bad_places = opened.bad.places;
  if (delimiter != ',') look.options.set("delimiter", std::string(1, delimiter));
  if (quote.empty()) look.options.set("quote", "");
  if (!has_header) look.options.set("header", false);
  return look;
}

struct Line {
  std::size_t begin, size;
  std::int64_t number;
};

DataLook look_at_json_lines(const MappedFile& mapped, std::int64_t sample) {
  const std::string_view bytes = mapped.bytes();
  DataLook look;
  look.file = mapped.path();
  look.plugin = "jsonl";
  std::vector<Line> lines;
  std::int64_t number = 1;
  for (std::size_t at = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0; at < bytes.size(); ++number) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    if (bytes.substr(at, end - at).find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back({at, end - at, number});
    at = end + 1;
  }
  Collector bad;
  std::map<std::string, std::size_t> places;
  std::size_t rows = 0;
  for (const std::size_t chosen : evenly_spaced(lines.size(), sample, bytes.size())) {
    Value object;
    try {
      object = parse_json(bytes.substr(lines[chosen].begin, lines[chosen].size));
      if (!object.is_table()) throw Error(std::string("is ") + object.type_name() + ", expected an object");
    } catch (const Error& error) {
      bad.bad_row(lines[chosen].number, error.what());
      continue;
    }
    for (auto& [key, value] : object.as_table()) {
      const auto [place, is_new] = places.emplace(key, look.columns.size());
      if (is_new) look.columns.push_back({key, std::vector<std::string>(rows), false});
      DataColumn& column = look.columns[place->second];
      column.is_nested = column.is_nested || value.is_array() || value.is_table();
      column.values.resize(rows);  // a key that comes twice: the last one
      column.values.push_back(value.is_null() ? "" : value.is_string() ? value.as_string() : to_json(value));
    }
    ++rows;
    for (DataColumn& column : look.columns) column.values.resize(rows);
  }
  if (bad.count > static_cast<std::int64_t>(rows))
    throw Error({{{look.file.string()}, std::to_string(bad.count) + " of " + std::to_string(bad.count + static_cast<std::int64_t>(rows)) + " lines are no JSON objects: " + described(bad.places),
                  "where the whole file is one JSON document, make lines of its rows with jq -c"}});
  look.rows = static_cast<std::int64_t>(lines.size()) - bad.count;
  look.bad_rows = bad.count;
  look.bad_places = bad.places;
  return look;
}

}  // namespace

DataLook look_at_data(const fs::path& file, const registry::Registry& registry, std::int64_t sample) {
  const MappedFile mapped(file);
  std::string_view bytes = mapped.bytes();
  refuse_other_formats(bytes, file);
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && bytes[first] == '{' ? look_at_json_lines(mapped, sample) : look_at_csv(mapped, registry, sample);
}

}  // namespace temper::study
