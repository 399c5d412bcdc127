// Losses and metrics of answers to validation items.
#include "study/predicted_objective.h"

#include <gtest/gtest.h>

#include <cmath>

#include "evaluation/choose_metrics.h"
#include "registry/registry.h"

namespace temper::study {
namespace {

Prediction answered(const std::string& label, std::vector<double> probabilities) {
  Prediction prediction;
  prediction.value = Label{label};
  prediction.probabilities = std::move(probabilities);
  return prediction;
}

class PredictedObjective : public ::testing::Test {
 protected:
  double of(const std::string& objective, const std::vector<Prediction>& predictions) const { return predicted_objective(objective, task, metrics, predictions, targets); }
  TaskInfo task{Task::kClassification, {"no", "yes"}};
  evaluation::MetricSet metrics = evaluation::choose_metrics(registry::installed(), {"accuracy", "f1_macro"}, task);
  std::vector<Targets> targets = {{Label{"yes"}}, {Label{"no"}}};
};

TEST_F(PredictedObjective, IsTheMeanNegativeLogOfTheReferencesProbability) {
  EXPECT_DOUBLE_EQ(of("validation_loss", {answered("yes", {0.25, 0.75}), answered("yes", {0.25, 0.75})}), -(std::log(0.75) + std::log(0.25)) / 2);
}

TEST_F(PredictedObjective, IsAMetricsValueWhereThatIsTheObjective) {
  EXPECT_DOUBLE_EQ(of("validation_accuracy", {answered("yes", {}), answered("yes", {})}), 0.5);
}

TEST_F(PredictedObjective, IsNotANumberWithoutProbabilitiesOrWithAnUnknownName) {
  EXPECT_TRUE(std::isnan(of("validation_loss", {answered("yes", {}), answered("yes", {})})));
  EXPECT_TRUE(std::isnan(of("validation_rouge1", {answered("yes", {}), answered("yes", {})})));
}

TEST_F(PredictedObjective, StaysFiniteWhereAReferenceHadNoProbability) {
  EXPECT_NEAR(of("validation_loss", {answered("no", {1, 0}), answered("no", {1, 0})}), 36.04 / 2, 0.01);
}

TEST_F(PredictedObjective, TakesLogLikelihoodsWhereThereAreSome) {
  Prediction text = answered("yes", {});
  text.nll = 6;
  text.nll_tokens = 3;
  EXPECT_DOUBLE_EQ(of("validation_loss", {text, text}), 2);
}

}  // namespace
}  // namespace temper::study
