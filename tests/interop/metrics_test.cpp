// The metrics against scikit-learn: stored values on any machine, thousands of fresh random inputs where TEMPER_PYTHON has it.
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include <gtest/gtest.h>
#include <temper/value.h>

#include "evaluation/evaluate_lines.h"
#include "registry/registry.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::evaluation {
namespace {

// Both sides compute in double, in another order of sums.
constexpr double kTolerance = 1e-10;

bool close(double a, double b) { return std::abs(a - b) <= kTolerance * std::max({1.0, std::abs(a), std::abs(b)}); }

// Cases that were compared, by kind.
using Counts = std::map<std::string, int>;

Counts compare_all(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string text;
  std::getline(stream, text);
  EXPECT_NE(text.find("scikit-learn"), std::string::npos) << "the first line names the versions";
  Counts counts;
  while (std::getline(stream, text)) {
    const Value document = parse_json(text, file.string());
    std::stringstream lines;
    for (const Value& line : document.find("lines")->as_array()) lines << to_json(line) << '\n';
    std::vector<std::string> names;
    for (const auto& [name, value] : document.find("expected")->as_table()) names.push_back(name);
    const Task task = task_from_string(document.find("task")->as_string());
    const auto values = evaluate_lines(registry::installed(), lines, "case", names, task);
    EXPECT_EQ(values.size(), names.size());
    for (const ScoredValue& scored : values) {
      const Value* expected = document.find("expected")->find(scored.name);
      const Value* error = document.find("stderr")->find(scored.name);
      EXPECT_TRUE(expected && close(scored.value, expected->as_number())) << scored.name << " is " << scored.value << " for " << text;
      EXPECT_TRUE(!error || close(scored.standard_error, error->as_number())) << scored.name << "'s standard error is " << scored.standard_error << " for " << text;
    }
    ++counts[document.find("kind")->as_string()];
    if (::testing::Test::HasFailure()) break;  // one case shows enough
  }
  return counts;
}

TEST(MetricsLikeScikitLearn, OnStoredValues) {
  const Counts counts = compare_all(TEMPER_SOURCE_DIRECTORY "/tests/golden/metrics/scikit_learn.jsonl");
  EXPECT_EQ(counts.size(), 5u);
  for (const auto& [kind, cases] : counts) EXPECT_GE(cases, 5) << kind;
}

TEST(MetricsLikeScikitLearn, OnThousandsOfFreshInputs) {
  const char* python = std::getenv("TEMPER_PYTHON");
  if (!python || !*python) GTEST_SKIP() << "TEMPER_PYTHON names no Python with scikit-learn";
  testing::TemporaryFolder folder;
  if (testing::run_command({python, "-c", "import sklearn"}, folder.path()).status != 0) GTEST_SKIP() << "the Python of TEMPER_PYTHON (" << python << ") has no scikit-learn";
  // Another seed on every run; a failure prints the case itself.
  const std::string seed = std::to_string(std::random_device{}());
  const std::string script = TEMPER_SOURCE_DIRECTORY "/scripts/golden/metrics.py";
  const auto result = testing::run_command({"sh", "-c", "exec \"$0\" \"$1\" --cases 2400 --seed \"$2\" > cases.jsonl", python, script, seed}, folder.path());
  ASSERT_EQ(result.status, 0) << result.all();
  const Counts counts = compare_all(folder / "cases.jsonl");
  for (const auto& [kind, cases] : counts) EXPECT_GE(cases, 400) << kind;
  EXPECT_EQ(counts.size(), 5u);
}

}  // namespace
}  // namespace temper::evaluation
