// What can be counted of a column.
#include "study/guess_columns.h"

#include <algorithm>
#include <cstdlib>
#include <unordered_map>

namespace temper::study {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::int64_t count_words(const std::string& text) {
  std::int64_t words = 0;
  for (std::size_t i = 0; i < text.size(); ++i) words += !is_blank(text[i]) && (i == 0 || is_blank(text[i - 1]));
  return words;
}

// Digits and what stands between them: 3.5, 2011-01-31 12:00, 1,000.
bool is_number_like(const std::string& text) {
  return text.find_first_of("0123456789") != std::string::npos && text.find_first_not_of("0123456789.,:-+/ eETZ%$") == std::string::npos;
}

bool is_number(const std::string& text, bool& is_integer) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  is_integer = text.find_first_not_of("0123456789", text.starts_with('-') ? 1 : 0) == std::string::npos;
  return end != text.c_str() && *end == '\0';
}

}  // namespace

ColumnFacts facts_of(const DataColumn& column) {
  ColumnFacts facts;
  std::unordered_map<std::string, std::int64_t> counts;
  std::vector<std::int64_t> words;
  std::int64_t number_like = 0;
  facts.are_numbers = facts.are_integers = true;
  for (const std::string& value : column.values) {
    if (value.empty()) {
      ++facts.empty;
      continue;
    }
    ++counts[value];
    words.push_back(count_words(value));
    facts.mean_bytes += static_cast<double>(value.size());
    facts.mean_words += static_cast<double>(words.back());
    number_like += is_number_like(value);
    bool is_integer = false;
    if (!is_number(value, is_integer)) facts.are_numbers = false;
    facts.are_integers = facts.are_integers && is_integer;
  }
  facts.filled = static_cast<std::int64_t>(words.size());
  facts.different = static_cast<std::int64_t>(counts.size());
  if (facts.filled == 0) facts.are_numbers = facts.are_integers = false;
  else {
    const double filled = static_cast<double>(facts.filled);
    facts.mean_bytes /= filled;
    facts.mean_words /= filled;
    facts.number_share = static_cast<double>(number_like) / filled;
    facts.longest_words = *std::max_element(words.begin(), words.end());
    std::nth_element(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(words.size() / 2), words.end());
    facts.median_words = words[words.size() / 2];
  }
  facts.commonest.assign(counts.begin(), counts.end());
  std::sort(facts.commonest.begin(), facts.commonest.end(), [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
  return facts;
}

}  // namespace temper::study
