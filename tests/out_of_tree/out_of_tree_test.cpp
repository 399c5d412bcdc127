// Plugins from outside: installs temper, builds a metric and a dataset against it, and uses both in an experiment by name.
#include <gtest/gtest.h>

#include <fstream>

#include "record/study_file.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

TEST(OutOfTree, APluginBuiltAgainstTheInstalledTreeRunsInAnExperiment) {
  const TemporaryFolder folder;
  const std::string prefix = (folder.path() / "prefix").string(), build = (folder.path() / "build").string();
  ProgramResult result = run_shell("cmake --install '" + std::string(TEMPER_BUILD_DIRECTORY) + "' --prefix '" + prefix + "'");
  ASSERT_EQ(result.status, 0) << result.out << result.err;
  result = run_shell("cmake -G Ninja -S '" + std::string(TEMPER_SOURCE_DIRECTORY) + "/tests/out_of_tree/plugins' -B '" + build + "' -DCMAKE_PREFIX_PATH='" + prefix +
                     "' && cmake --build '" + build + "'");
  ASSERT_EQ(result.status, 0) << result.out << result.err;

  std::ofstream(folder.path() / "parity.toml") << R"(name = "parity"
task = "classification"
metrics = ["accuracy", "mean_confidence"]
[dataset]
plugin = "parity"
train = "numbers"
test = "numbers"
rows = 30
[[strategy]]
plugin = "majority"
)";
  const std::string temper = "TEMPER_PLUGIN_PATH='" + build + "' '" + prefix + "/bin/temper' ";
  result = run_shell(temper + "plugins", folder.path());
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("mean_confidence"), std::string::npos) << result.out;
  result = run_shell(temper + "run parity.toml", folder.path());
  ASSERT_EQ(result.status, 0) << result.out << result.err;
  const record::StudySummary study = record::read_summary(folder.path() / "results/parity/study.h5");
  ASSERT_EQ(study.trials.size(), 1u);
  for (const record::MetricResult& metric : study.trials.front().metrics) EXPECT_DOUBLE_EQ(metric.value, 0.5) << metric.name;
  EXPECT_EQ(study.trials.front().metrics.size(), 2u);
}

}  // namespace
}  // namespace temper::testing
