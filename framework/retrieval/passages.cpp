// {"id", "text"} lines, read and written.
#include <temper/passages.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <unordered_map>

#include <temper/error.h>
#include <temper/mapped_file.h>
#include <temper/row.h>
#include <temper/text_lines.h>

#include "data/row_cells.h"

namespace temper {

namespace {

constexpr int kNamedProblems = 20;
constexpr const char* kShape = "a line is {\"id\": \"p1\", \"text\": \"...\"}";

}  // namespace

std::vector<Passage> read_passages(const std::filesystem::path& file, const std::string& what) {
  const MappedFile mapped(file);
  const std::string noun = "member";
  std::vector<Passage> passages;
  std::unordered_map<std::string, std::int64_t> line_of_id;
  Problems problems;
  int count = 0;
  TextLines lines(mapped);
  for (TextLine line; lines.next(line);) {
    if (line.is_blank()) continue;
    const auto bad = [&](const std::string& problem, const std::string& remedy = {}) {
      if (++count <= kNamedProblems) problems.add({file.string(), static_cast<int>(line.number), 0}, problem, remedy);
    };
    const Row row = read_json_row(line.text);
    if (!row.problem.empty()) {
      bad(row.problem, kShape);
      continue;
    }
    try {
      const data::RowCells cells(row, noun);
      Passage passage{cells.id("id"), cells.text("text", "text")};
      const auto [known, is_new] = line_of_id.emplace(passage.id, line.number);
      if (is_new) passages.push_back(std::move(passage));
      else bad("id \"" + passage.id + "\" was given to line " + std::to_string(known->second) + " already");
    } catch (const data::BadRow& problem) {
      bad(problem.what, kShape);
    }
  }
  if (count > kNamedProblems) problems.add({file.string()}, "and " + std::to_string(count - kNamedProblems) + " more bad lines");
  problems.throw_if_any();
  if (passages.empty()) throw Error({{{file.string()}, what + " has no lines", kShape}});
  return passages;
}

void write_passages(const std::filesystem::path& file, std::span<const Passage> passages) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  for (const Passage& passage : passages) out << to_json(Value(Value::Table{{"id", Value(passage.id)}, {"text", Value(passage.text)}})) << '\n';
  out.close();
  if (!out) throw Error({{{file.string()}, std::string("cannot be written: ") + std::strerror(errno), {}}});
}

}  // namespace temper
