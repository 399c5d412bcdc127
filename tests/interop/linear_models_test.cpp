// logistic_regression against scikit-learn: stored values on any machine, fresh random inputs where TEMPER_PYTHON has it.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>

#include <gtest/gtest.h>
#include <temper/strategy.h>
#include <temper/value.h>

#include "conformance/strategy_stage.h"
#include "registry/registry.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

// Both look for one minimum; how near they come depends on where each optimiser stops.
constexpr double kTolerance = 1e-4;

std::vector<Prediction> predicted(const Value& document) {
  testing::StageSetup setup;
  from_value(*document.find("labels"), setup.labels);
  setup.train.clear();
  for (const Value& row : document.find("train")->as_array()) setup.train.emplace_back(row.as_array().at(0).as_string(), row.as_array().at(1).as_string());
  testing::Stage stage(std::move(setup));  // whose embeddings are counts of letters
  const auto strategy = registry::installed().create<Strategy>("logistic_regression", Value(Value::Table{{"features", *document.find("features")}, {"C", *document.find("C")}}));
  strategy->adapt(stage);
  std::vector<Item> items;
  for (const Value& text : document.find("test")->as_array()) {
    items.push_back({std::to_string(items.size()), {}});
    items.back().fields.set("text", text.as_string());
  }
  return strategy->predict(stage, items);
}

std::map<std::string, int> compare_all(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  EXPECT_NE(line.find("scikit-learn"), std::string::npos) << "the first line names the versions";
  std::map<std::string, int> counts;
  while (std::getline(stream, line) && !::testing::Test::HasFailure()) {  // one case shows enough
    const Value document = parse_json(line, file.string());
    const std::vector<Prediction> predictions = predicted(document);
    const auto& expected = document.find("probabilities")->as_array();
    EXPECT_EQ(predictions.size(), expected.size());
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      std::vector<double> p;
      from_value(expected[i], p);
      for (std::size_t k = 0; k < p.size(); ++k) EXPECT_NEAR(predictions[i].probabilities.at(k), p[k], kTolerance) << "text " << i << " of " << line;
      const std::size_t best = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
      double second = 0;
      for (std::size_t k = 0; k < p.size(); ++k) second = k == best ? second : std::max(second, p[k]);
      if (p[best] - second > 2 * kTolerance) {
        EXPECT_EQ(to_string(predictions[i].value), document.find("labels")->as_array().at(best).as_string()) << "text " << i << " of " << line;
      }
    }
    ++counts[document.find("features")->as_string()];
  }
  return counts;
}

TEST(LogisticRegressionLikeScikitLearn, OnStoredValues) {
  const auto counts = compare_all(TEMPER_SOURCE_DIRECTORY "/tests/golden/linear_models/scikit_learn.jsonl");
  EXPECT_EQ(counts, (std::map<std::string, int>{{"embedding", 4}, {"tfidf", 4}}));
}

TEST(LogisticRegressionLikeScikitLearn, OnFreshInputs) {
  const char* python = std::getenv("TEMPER_PYTHON");
  if (!python || !*python) GTEST_SKIP() << "TEMPER_PYTHON names no Python with scikit-learn";
  const testing::TemporaryFolder folder;
  if (testing::run_command({python, "-c", "import sklearn"}, folder.path()).status != 0) GTEST_SKIP() << "the Python of TEMPER_PYTHON (" << python << ") has no scikit-learn";
  const std::string seed = std::to_string(std::random_device{}());  // another one on every run; a failure prints the case
  const std::string script = TEMPER_SOURCE_DIRECTORY "/scripts/golden/linear_models.py";
  const auto result = testing::run_command({"sh", "-c", "exec \"$0\" \"$1\" --cases 100 --seed \"$2\" > cases.jsonl", python, script, seed}, folder.path());
  ASSERT_EQ(result.status, 0) << result.all();
  const auto counts = compare_all(folder / "cases.jsonl");
  for (const auto& [features, cases] : counts) EXPECT_EQ(cases, 50) << features;
}

}  // namespace
}  // namespace temper
