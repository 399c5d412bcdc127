// See words.h.
#include "report/words.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace temper::report {

namespace {

std::string printed(const char* format, int digits, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, digits, value);
  return text;
}

// The part of a dotted path after its last `parts` dots.
std::string tail(const std::string& path, int parts) {
  std::size_t begin = path.size();
  for (int i = 0; i < parts && begin != std::string::npos && begin > 0; ++i) begin = path.rfind('.', begin - 1);
  return begin == std::string::npos || begin == 0 ? path : path.substr(begin + 1);
}

}  // namespace

std::string short_number(double value) {
  if (std::isnan(value)) return "-";
  return printed("%.*g", 4, value);
}

std::string with_error(double value, double standard_error) {
  if (std::isnan(value)) return "-";
  if (!std::isfinite(standard_error) || standard_error < 0) return short_number(value);
  if (standard_error == 0) return short_number(value) + " ± 0";
  const int magnitude = static_cast<int>(std::floor(std::log10(standard_error)));
  const int decimals = std::clamp(1 - magnitude, 0, 9);
  return printed("%.*f", decimals, value) + " ± " + printed("%.*f", decimals, standard_error);
}

std::string duration(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9) return "unknown time";
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 60) return std::to_string(whole) + " s";
  const long long minutes = (whole + 30) / 60;
  if (minutes < 60) return std::to_string(minutes) + " min";
  char text[48];
  std::snprintf(text, sizeof text, "%lld h %02lld min", minutes / 60, minutes % 60);
  return text;
}

std::vector<std::string> short_names(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths) {
    std::string name = path;
    for (int parts = 1; parts < 8; ++parts) {
      const std::string candidate = tail(path, parts);
      const auto alike = std::count_if(paths.begin(), paths.end(), [&](const std::string& other) { return tail(other, parts) == candidate; });
      if (alike == 1) {
        name = candidate;
        break;
      }
    }
    names.push_back(name);
  }
  return names;
}

std::string option_text(const Value& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return value.as_string();
  std::string text = to_toml(value);
  if (value.is_float() && text.ends_with(".0")) text.erase(text.size() - 2);  // three epochs are no 3.0 to a reader
  return text;
}

std::string trial_label(const std::string& strategy, const std::vector<std::pair<std::string, Value>>& swept) {
  std::vector<std::string> paths;
  for (const auto& [path, value] : swept) paths.push_back(path);
  const std::vector<std::string> names = short_names(paths);
  std::string label = strategy;
  for (std::size_t i = 0; i < swept.size(); ++i) label += ", " + names[i] + " " + option_text(swept[i].second);
  return label;
}

std::string count_of(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace temper::report
