// What went wrong, where, and what to do about it: the one exception type of temper.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace temper {

// A position in a file the user wrote. `line` and `column` count from 1; 0 means unknown.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

// "experiment.toml:14:1: [training] has no option "warmup_step"" and, on a line of its own, the remedy.
// Lower case, no full stop; names and values as the user wrote them.
struct Problem {
  Place place;
  std::string what;
  std::string remedy;  // may be empty
};

std::string describe(const Place& place);      // "file:line:column", without what is unknown
std::string describe(const Problem& problem);  // one line, or two with the remedy

// Thrown for what a user can cause. Carries every problem that was found; what() lists them all.
class Error : public std::runtime_error {
 public:
  explicit Error(std::string what, std::string remedy = {});
  explicit Error(std::vector<Problem> problems);
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

// Collects problems so that all of them are reported at once.
class Problems {
 public:
  void add(Place place, std::string what, std::string remedy = {});
  void add(const Error& error);
  bool empty() const { return problems_.empty(); }
  const std::vector<Problem>& all() const { return problems_; }
  void throw_if_any() const;  // throws one Error with everything

 private:
  std::vector<Problem> problems_;
};

// `did you mean "x"?`, or empty when nothing in `candidates` is near `name` (edit distance, case ignored).
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace temper
