// The metrics against sacrebleu, rouge-score, seqeval, scikit-learn, scipy and SQuAD's formula: thousands of fresh random inputs
// where TEMPER_PYTHON has these packages, a stored few on any machine.
#include <algorithm>
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

// Both sides count the same and divide in double. Where numbers are a million million times their spread, scipy's own correlation
// keeps half of its digits.
double tolerance(const std::string& name) { return name == "pearson" || name == "spearman" ? 1e-6 : 1e-9; }

bool close(double a, double b, double tolerance) { return (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= tolerance * std::max({1.0, std::abs(a), std::abs(b)}); }

// The version at the end names the program that was compared with, and may be another one here.
std::string without_version(const std::string& signature) { return signature.substr(0, signature.rfind("|version:")); }

void compare(const Value& document, const std::string& text) {
  std::stringstream lines;
  for (const Value& line : document.find("lines")->as_array()) lines << to_json(line) << '\n';
  std::vector<std::string> names;
  for (const Value& name : document.find("metrics")->as_array()) names.push_back(name.as_string());
  std::map<std::string, ScoredValue> values;
  for (const ScoredValue& scored : evaluate_lines(registry::installed(), lines, "case", names, task_from_string(document.find("task")->as_string()))) values.emplace(scored.name, scored);
  for (const auto& [name, expected] : document.find("expected")->as_table()) {
    ASSERT_TRUE(values.contains(name)) << name << " is missing for " << text;
    const double wanted = expected.is_null() ? std::nan("") : expected.as_number();
    EXPECT_TRUE(close(values[name].value, wanted, tolerance(name))) << name << " is " << values[name].value << ", not " << wanted << ", for " << text;
  }
  for (const auto& [name, error] : document.find("stderr")->as_table()) {
    EXPECT_TRUE(close(values[name].standard_error, error.as_number(), 1e-7)) << name << "'s standard error is " << values[name].standard_error << ", not " << error.as_number() << ", for " << text;
  }
  for (const auto& [name, signature] : document.find("signature")->as_table()) EXPECT_EQ(without_version(values[name].signature), without_version(signature.as_string()));
}

// Cases that were compared, by kind.
std::map<std::string, int> compare_all(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string text;
  std::getline(stream, text);
  EXPECT_NE(text.find("sacrebleu"), std::string::npos) << "the first line names the versions";
  std::map<std::string, int> counts;
  while (std::getline(stream, text)) {
    const Value document = parse_json(text, file.string());
    compare(document, text);
    ++counts[document.find("kind")->as_string()];
    if (::testing::Test::HasFailure()) break;  // one case shows enough
  }
  return counts;
}

TEST(MetricsLikeTheirPeers, OnStoredValues) {
  const auto counts = compare_all(TEMPER_SOURCE_DIRECTORY "/tests/golden/metrics/peers.jsonl");
  EXPECT_EQ(counts.size(), 12u);
}

TEST(MetricsLikeTheirPeers, OnThousandsOfFreshInputs) {
  const char* python = std::getenv("TEMPER_PYTHON");
  if (!python || !*python) GTEST_SKIP() << "TEMPER_PYTHON names no Python with sacrebleu, rouge-score and seqeval (scripts/setup --tests makes one)";
  testing::TemporaryFolder folder;
  const auto imports = testing::run_command({python, "-c", "import sacrebleu, rouge_score, seqeval, sklearn, scipy, torchmetrics"}, folder.path());
  if (imports.status != 0) GTEST_SKIP() << "the Python of TEMPER_PYTHON (" << python << ") lacks a package: " << imports.all();
  // Another seed on every run; a failure prints the case itself.
  const std::string seed = std::to_string(std::random_device{}());
  const std::string script = TEMPER_SOURCE_DIRECTORY "/tests/interop/metrics/reference_values.py";
  const auto result = testing::run_command({"sh", "-c", "exec \"$0\" \"$1\" --cases 3600 --seed \"$2\" > cases.jsonl", python, script, seed}, folder.path());
  ASSERT_EQ(result.status, 0) << result.all();
  const auto counts = compare_all(folder / "cases.jsonl");
  for (const auto& [kind, cases] : counts) EXPECT_EQ(cases, 300) << kind;
  EXPECT_EQ(counts.size(), 12u);
}

}  // namespace
}  // namespace temper::evaluation
