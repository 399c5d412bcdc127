// The asking side of descriptions: starts children until every library has been described or has shown why not.
#include "registry/description.h"

#include <algorithm>
#include <sstream>

#include "registry/child_process.h"

namespace temper::registry {

namespace {

constexpr int kShownLines = 8;  // of a crashed child's stderr

Description from_answer(const Value& answer) {
  if (const Value* options = answer.find("options")) return schema_from_value(*options);
  std::vector<Problem> problems;
  if (const Value* list = answer.find("problems"))
    for (const Value& one : list->as_array()) {
      Problem problem;
      if (const Value* file = one.find("file")) problem.place.file = file->as_string();
      if (const Value* what = one.find("what")) problem.what = what->as_string();
      if (const Value* remedy = one.find("remedy")) problem.remedy = remedy->as_string();
      problems.push_back(std::move(problem));
    }
  if (problems.empty()) throw Error("an answer without options and without problems");
  return problems;
}

// Takes the complete answers out of a child's output; returns the library that was being loaded when it ended, if any.
std::filesystem::path take_answers(const std::string& output, std::map<std::filesystem::path, Description>& answers) {
  std::filesystem::path loading;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    try {
      const Value value = parse_json(line);
      if (const Value* library = value.find("loading")) {
        loading = library->as_string();
      } else if (const Value* library = value.find("library")) {
        answers.insert_or_assign(library->as_string(), from_answer(value));
        loading.clear();
      }
    } catch (const Error&) {
      // A line that was cut off by the child's end: `loading` tells whose it was.
    }
  }
  return loading;
}

Problem ended_by(const std::filesystem::path& library, const ChildResult& result, std::chrono::milliseconds limit) {
  std::string what = "loading it ended the process that tried: it " + describe(result, limit);
  if (const std::string lines = last_lines(result.errors, kShownLines); !lines.empty()) what += "\n" + lines;
  return {{library.filename().string(), 0, 0}, what, "its static initialisers or its option declaration are at fault"};
}

}  // namespace

std::map<std::filesystem::path, Description> describe_in_child(const std::filesystem::path& worker,
                                                               const std::vector<std::filesystem::path>& libraries,
                                                               std::chrono::milliseconds limit) {
  std::map<std::filesystem::path, Description> answers;
  std::vector<std::filesystem::path> left = libraries;
  while (!left.empty()) {
    std::vector<std::string> arguments = {"describe"};
    for (const std::filesystem::path& library : left) arguments.push_back(library.string());
    const ChildResult result = run_child(worker, arguments, limit);
    const std::filesystem::path culprit = take_answers(result.output, answers);
    if (!culprit.empty()) answers.insert_or_assign(culprit, std::vector<Problem>{ended_by(culprit, result, limit)});
    const std::size_t before = left.size();
    std::erase_if(left, [&](const std::filesystem::path& library) { return answers.contains(library); });
    if (left.size() == before) {  // not even a beginning: the worker itself is at fault
      std::string what = "cannot describe plugins: it " + describe(result, limit);
      if (const std::string lines = last_lines(result.errors, kShownLines); !lines.empty()) what += "\n" + lines;
      throw Error({Problem{{worker.string(), 0, 0}, what, {}}});
    }
  }
  return answers;
}

std::filesystem::path default_worker() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "temper-worker";
}

}  // namespace temper::registry
