// {"id", "text"} lines, read and written.
#include <temper/passages.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <unordered_map>

#include <temper/error.h>
#include <temper/json_item.h>
#include <temper/mapped_file.h>

namespace temper {

namespace {

constexpr int kNamedProblems = 20;
constexpr const char* kShape = "a line is {\"id\": \"p1\", \"text\": \"...\"}";

}  // namespace

std::vector<Passage> read_passages(const std::filesystem::path& file, const std::string& what) {
  const MappedFile mapped(file);
  const std::string_view bytes = mapped.bytes();
  const JsonMembers members{.text = "text", .label = {}, .id = "id"};
  std::vector<Passage> passages;
  std::unordered_map<std::string, int> line_of_id;
  Problems problems;
  int count = 0, line = 1;
  const auto bad = [&](const std::string& problem, const std::string& remedy = {}) {
    if (++count <= kNamedProblems) problems.add({file.string(), line, 0}, problem, remedy);
  };
  for (std::size_t at = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0; at < bytes.size(); ++line) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    const std::string_view json = bytes.substr(at, end - at);
    at = end + 1;
    if (json.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    JsonItem item = read_json_item(json, members);
    const std::string* text = item.fields.text(kTextField);
    if (!item.problem.empty()) {
      bad(item.problem, kShape);
    } else if (!text) {  // token ids do without
      bad("has no member \"text\"", kShape);
    } else if (const auto [known, is_new] = line_of_id.emplace(*item.id, line); !is_new) {
      bad("id \"" + *item.id + "\" was given to line " + std::to_string(known->second) + " already");
    } else {
      passages.push_back({*std::move(item.id), *text});
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
