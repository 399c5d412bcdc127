// The plugin perplexity: the contract of metrics, then its weighting by tokens.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "registry/registry.h"
#include "support/metric_values.h"

namespace temper {
namespace {

TEST(Perplexity, KeepsTheMetricContract) { testing::check_metric("perplexity"); }

TEST(Perplexity, WeighsTokensNotTexts) {
  const TaskInfo task{Task::kLanguageModeling, {}};
  const auto metric = registry::installed().create<Metric>("perplexity");
  std::vector<double> sum(5, 0.0), row(5, 0.0);
  for (const auto& [nll, tokens] : {std::pair{3 * std::log(8.0), 3}, std::pair{std::log(2.0), 1}, std::pair{99.0, 0}}) {
    Prediction prediction;
    prediction.nll = nll;
    prediction.nll_tokens = tokens;
    row.assign(5, 0.0);
    metric->statistics(task, prediction, {}, row);
    sum[0] += row[0];
    sum[1] += row[1];
  }
  EXPECT_NEAR(metric->evaluate(task, sum).at(0), std::pow(2.0, 10.0 / 4), 1e-12);  // (3 x 3 bits + 1 bit) / 4 tokens
}

TEST(Perplexity, OfWordsAndBytesNeedsTheText) {
  Prediction known, unknown;
  known.nll = 6 * std::log(2.0), known.nll_tokens = 4;
  unknown.nll = 9, unknown.nll_tokens = 4;
  const auto values = testing::metric_values("perplexity", {Task::kLanguageModeling, {}}, {known, unknown}, {{Text{" two words "}}, {}});
  EXPECT_NEAR(values.at("perplexity"), std::exp((6 * std::log(2.0) + 9) / 8), 1e-12);
  EXPECT_NEAR(values.at("word_perplexity"), 8, 1e-12);
  EXPECT_NEAR(values.at("bits_per_byte"), 6.0 / 11, 1e-12);
  EXPECT_NEAR(values.at("byte_perplexity"), std::pow(2, 6.0 / 11), 1e-12);
}

// A document has no reference but itself.
TEST(Perplexity, OfALanguageModelCountsTheWordsAndBytesOfTheItem) {
  Prediction document;
  document.value = Text{"two words"};
  document.nll = 9 * std::log(2.0), document.nll_tokens = 3;
  const auto values = testing::metric_values("perplexity", {Task::kLanguageModeling, {}}, std::vector<Prediction>{document}, {{}});
  EXPECT_NEAR(values.at("byte_perplexity"), 2, 1e-12);
  EXPECT_NEAR(values.at("word_perplexity"), std::pow(2, 4.5), 1e-12);
  EXPECT_TRUE(std::isnan(testing::metric_values("perplexity", {Task::kGeneration, {}}, std::vector<Prediction>{document}, {{}}).at("byte_perplexity")));
}

}  // namespace
}  // namespace temper
