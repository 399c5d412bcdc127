// Experiments beside plugins that are wrong: one that names such a plugin is refused with its problem before anything is
// written, one that does not name it runs.
#include <gmock/gmock.h>

#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

struct Wrong {
  std::string metric, message;
};

std::string name_of(const ::testing::TestParamInfo<Wrong>& info) { return info.param.metric; }

ProgramResult run_with_metric(const TemporaryFolder& folder, const std::string& metrics) {
  folder.write("train.csv", "text,label\ngood,yes\nbad,no\nfine,yes\nwell,yes\n");
  folder.write("test.csv", "text,label\ngood,yes\nbad,no\n");
  folder.write("e.toml", "name = \"e\"\ntask = \"classification\"\n" + metrics +
                             "[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\ntest = \"test.csv\"\n[[strategy]]\nplugin = \"majority\"\n");
  return run_shell("XDG_CACHE_HOME='" + folder.path().string() + "/cache' TEMPER_PLUGIN_PATH='" TEMPER_BAD_PLUGIN_DIRECTORY "' '" + temper_program() + "' run e.toml",
                   folder.path());
}

class BadPluginInAnExperiment : public ::testing::TestWithParam<Wrong> {};

TEST_P(BadPluginInAnExperiment, IsRefusedBeforeAnythingIsWritten) {
  const TemporaryFolder folder;
  const ProgramResult result = run_with_metric(folder, "metrics = [\"" + GetParam().metric + "\"]\n");
  EXPECT_EQ(result.status, 2) << result.out << result.err;
  EXPECT_THAT(result.err, ::testing::HasSubstr(GetParam().message));
  EXPECT_FALSE(std::filesystem::exists(folder / "results"));
}

INSTANTIATE_TEST_SUITE_P(Each, BadPluginInAnExperiment,
                         ::testing::Values(Wrong{"no_library", "libno_library.so: no shared library"},
                                           Wrong{"no_manifest", "libno_manifest.so: no temper plugin"},
                                           Wrong{"wrong_interface", "libwrong_interface.so: built for version 999 of the metric interface"},
                                           Wrong{"wrong_abi", "libwrong_abi.so: built for the C++ ABI"},
                                           Wrong{"wrong_torch", "libwrong_torch.so: built for libtorch 2.5.1, this temper runs "},
                                           Wrong{"lacks_symbol", "liblacks_symbol.so: lacks the symbol \"elsewhere::missing_function(int)\""},
                                           Wrong{"crashes", "libcrashes.so: loading it ended the process that tried: it was ended by signal 6 (Aborted)"},
                                           Wrong{"exits_quietly", "libexits_quietly.so: loading it ended the process that tried: it exited with status 0"},
                                           Wrong{"twin", "2 metric plugins are called \"twin\": "},
                                           Wrong{"throws_on_create", "metric throws_on_create cannot be made: no luck today"}),
                         name_of);

TEST(BadPluginBesideAnExperiment, KeepsNoOtherPluginFromBeingUsed) {
  for (const char* metrics : {"", "metrics = [\"accuracy\", \"f1_macro\"]\n"}) {
    const TemporaryFolder folder;
    const ProgramResult result = run_with_metric(folder, metrics);
    EXPECT_EQ(result.status, 0) << metrics << result.out << result.err;
    EXPECT_TRUE(std::filesystem::exists(folder / "results" / "e" / "study.h5"));
  }
}

ProgramResult run_torch_strategy(const TemporaryFolder& folder, const std::string& verb, const std::string& options, const std::string& task = "classification") {
  folder.write("train.csv", "text,label\ngood,yes\nbad,no\nfine,yes\nwell,yes\n");
  folder.write("test.csv", "text,label\ngood,yes\nbad,no\n");
  folder.write("t.toml", "task = \"" + task + "\"\nseeds = [1, 2]\nmetrics = [\"cross_entropy\"]\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\ntest = \"test.csv\"\n" +
                             "[[strategy]]\nplugin = \"torch_strategy\"\n" + options);
  return run_shell("XDG_CACHE_HOME='" + folder.path().string() + "/cache' TEMPER_PLUGIN_PATH='" TEMPER_BAD_PLUGIN_DIRECTORY "' '" + temper_program() + "' " + verb + " t.toml",
                   folder.path());
}

TEST(StrategyThatUsesTorch, IsAskedInAWorkerWhatItReads) {
  const TemporaryFolder folder;
  const ProgramResult plan = run_torch_strategy(folder, "plan", "shots = [0, 4]\n");
  EXPECT_EQ(plan.status, 0) << plan.all();
  EXPECT_THAT(plan.out, ::testing::HasSubstr("3 trials in 3 jobs"));  // without shots it needs no seed
  EXPECT_EQ(run_torch_strategy(folder, "run", "shots = [0, 4]\n").status, 0);
}

TEST(StrategyThatUsesTorch, IsAnErrorWhereItCrashesOrThrowsOrCannotDoTheTask) {
  const TemporaryFolder folder;
  for (const char* verb : {"plan", "run"}) {
    const ProgramResult crash = run_torch_strategy(folder, verb, "mood = \"crashes\"\n");
    EXPECT_EQ(crash.status, 2) << crash.all();
    EXPECT_THAT(crash.err, ::testing::HasSubstr("temper-worker was killed by SIGABRT (Aborted) while asking the strategy torch_strategy what it reads"));
    const ProgramResult thrown = run_torch_strategy(folder, verb, "mood = \"throws\"\n");
    EXPECT_EQ(thrown.status, 2) << thrown.all();
    EXPECT_THAT(thrown.err, ::testing::HasSubstr("it is not in the mood"));
  }
  const ProgramResult task = run_torch_strategy(folder, "plan", "", "generation");
  EXPECT_EQ(task.status, 2) << task.all();
  EXPECT_THAT(task.err, ::testing::HasSubstr("it knows labels only"));
}

}  // namespace
}  // namespace temper::testing
