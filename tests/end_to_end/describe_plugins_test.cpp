// The built plugins, described by the real temper-worker to a coordinator, which loads no torch.
#include <dlfcn.h>
#include <gmock/gmock.h>

#include "registry/describe_text.h"
#include "registry/description.h"
#include "registry/registry.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

using registry::FirstLoad;
using registry::Registry;

TEST(DescribePlugins, EveryPluginOfThisTreeFitsAndDescribesItself) {
  const testing::TemporaryFolder folder;
  const Registry plugins({TEMPER_PLUGIN_DIRECTORY}, {FirstLoad::kInChild, {}, folder / "cache"});
  std::vector<const registry::Plugin*> all;
  for (const registry::Plugin& plugin : plugins.plugins()) {
    ASSERT_FALSE(plugin.problem) << describe(*plugin.problem);
    all.push_back(&plugin);
  }
  ASSERT_FALSE(all.empty());
  plugins.describe_all(all);
  for (const registry::Plugin* plugin : all) {
    EXPECT_EQ(testing::message_of([&] { plugins.describe(*plugin); }), "no error");
    EXPECT_FALSE(plugin->manifest.summary.empty()) << plugin->name();
    for (const OptionSpec& spec : plugins.describe(*plugin)) EXPECT_TRUE(spec.help.ends_with('.')) << plugin->name() << ": " << spec.name;
  }
  for (const std::string& kind : plugins.kinds()) EXPECT_THAT(registry::kind_markdown(plugins, kind), ::testing::StartsWith("# Plugins of kind " + kind));
  EXPECT_EQ(::dlopen("libtorch_cpu.so", RTLD_LAZY | RTLD_NOLOAD), nullptr) << "the coordinator must not load torch";
}

TEST(DescribePlugins, TheWorkerTakesAPluginThatUsesItsTorch) {
  const testing::TemporaryFolder folder;
  const Registry plugins({TEMPER_BAD_PLUGIN_DIRECTORY}, {FirstLoad::kInChild, {}, folder / "cache"});
  EXPECT_EQ(testing::message_of([&] { plugins.describe("metric", "uses_torch"); }), "no error");
  EXPECT_THAT(testing::message_of([&] { plugins.describe("metric", "crashes"); }), ::testing::HasSubstr("was ended by signal 6"));
}

}  // namespace
}  // namespace temper
