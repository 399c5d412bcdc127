// Counting and weighing words.
#include "tfidf.h"

#include <cmath>

#include <temper/lower_words.h>

namespace temper::logistic_regression {

Tfidf::Tfidf(std::span<const std::string> texts) {
  std::map<std::string, std::size_t, std::less<>> rows_with;
  for (const std::string& text : texts) {
    std::map<std::string, bool, std::less<>> seen;
    LowerWords(text).for_each([&](std::string_view word) { seen.emplace(word, true); });
    for (const auto& [word, unused] : seen) ++rows_with[word];
  }
  for (const auto& [word, count] : rows_with) {
    column_of_.emplace_hint(column_of_.end(), word, static_cast<std::uint32_t>(idf_.size()));
    idf_.push_back(std::log((1 + static_cast<double>(texts.size())) / (1 + static_cast<double>(count))) + 1);
  }
}

Tfidf::Tfidf(std::vector<std::string> words, std::vector<double> idf) : idf_(std::move(idf)) {
  for (std::string& word : words) column_of_.emplace(std::move(word), static_cast<std::uint32_t>(column_of_.size()));
}

std::vector<std::string> Tfidf::words() const {
  std::vector<std::string> words;
  for (const auto& [word, column] : column_of_) words.push_back(word);
  return words;
}

Rows Tfidf::rows(std::span<const std::string> texts) const {
  Rows rows;
  rows.width = static_cast<std::int64_t>(idf_.size());
  rows.is_sparse = true;
  for (const std::string& text : texts) {
    std::map<std::uint32_t, double> counts;
    LowerWords(text).for_each([&](std::string_view word) {
      if (const auto known = column_of_.find(word); known != column_of_.end()) counts[known->second] += 1;
    });
    double squares = 0;
    for (auto& [column, value] : counts) {
      value *= idf_[column];
      squares += value * value;
    }
    for (const auto& [column, value] : counts) {
      rows.columns.push_back(column);
      rows.values.push_back(value / std::sqrt(squares));
    }
    rows.begins.push_back(rows.values.size());
  }
  return rows;
}

}  // namespace temper::logistic_regression
