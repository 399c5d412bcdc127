// Error and Problems: messages that say where, what was found, what was wanted, and the remedy.
#include <temper/error.h>

#include <algorithm>
#include <cctype>

namespace temper {

std::string describe(const Place& place) {
  std::string text = place.file;
  if (place.line > 0) {
    if (!text.empty()) text += ':';
    text += std::to_string(place.line);
    if (place.column > 0) text += ':' + std::to_string(place.column);
  }
  return text;
}

std::string describe(const Problem& problem) {
  std::string text = describe(problem.place);
  if (!text.empty()) text += ": ";
  text += problem.what;
  if (!problem.remedy.empty()) text += "\n    " + problem.remedy;
  return text;
}

namespace {

std::string describe_all(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += describe(problem);
  }
  return text;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

// Damerau-Levenshtein with adjacent transpositions (the restricted form).
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

Error::Error(std::string what, std::string remedy) : Error(std::vector<Problem>{{{}, std::move(what), std::move(remedy)}}) {}

Error::Error(std::vector<Problem> problems) : std::runtime_error(describe_all(problems)), problems_(std::move(problems)) {}

void Problems::add(Place place, std::string what, std::string remedy) {
  problems_.push_back({std::move(place), std::move(what), std::move(remedy)});
}

void Problems::add(const Error& error) {
  problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
}

void Problems::throw_if_any() const {
  if (!problems_.empty()) throw Error(problems_);
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string wanted = lower(name.substr(0, 100));
  const std::string* best = nullptr;
  std::size_t best_distance = (wanted.size() < 4 ? 1 : std::max<std::size_t>(2, wanted.size() / 3)) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, lower(candidate));
    if (distance < best_distance && distance < std::max(wanted.size(), candidate.size())) {
      best = &candidate;
      best_distance = distance;
    }
  }
  // "warmup" is far from "warmup_steps" by edits, and yet it is what was meant.
  for (const std::string& candidate : candidates) {
    if (best) break;
    const std::string& shorter = wanted.size() < candidate.size() ? wanted : candidate;
    const std::string& longer = wanted.size() < candidate.size() ? candidate : wanted;
    if (shorter.size() >= 4 && lower(longer).find(lower(shorter)) != std::string::npos) best = &candidate;
  }
  return best ? "did you mean \"" + *best + "\"?" : std::string();
}

}  // namespace temper
