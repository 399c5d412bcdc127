// Words as features, weighted as scikit-learn's TfidfVectorizer does by default.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rows.h"

namespace temper::logistic_regression {

// A word's value is its count times idf, then each row is scaled to length 1. Words that training did not see are left out.
//   idf(w) = ln((1 + rows) / (1 + rows with w)) + 1
class Tfidf {
 public:
  Tfidf() = default;
  // From the training texts. Columns are the words in the order of their bytes.
  explicit Tfidf(std::span<const std::string> texts);
  // From what `words` and `idf` gave; both have one length, and the words are sorted and distinct.
  Tfidf(std::vector<std::string> words, std::vector<double> idf);

  std::vector<std::string> words() const;
  const std::vector<double>& idf() const { return idf_; }
  Rows rows(std::span<const std::string> texts) const;

 private:
  std::map<std::string, std::uint32_t, std::less<>> column_of_;
  std::vector<double> idf_;
};

}  // namespace temper::logistic_regression
