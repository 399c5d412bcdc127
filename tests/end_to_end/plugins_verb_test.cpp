// `temper plugins` as a user runs it: what is there, one plugin's options, and plugins from elsewhere that are wrong.
#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>

#include "registry/child_process.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class PluginsVerb : public ::testing::Test {
 protected:
  PluginsVerb() { ::setenv("XDG_CACHE_HOME", cache_.path().c_str(), 1); }
  ~PluginsVerb() override {
    ::unsetenv("XDG_CACHE_HOME");
    ::unsetenv("TEMPER_PLUGIN_PATH");
  }
  static registry::ChildResult temper(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "plugins");
    return registry::run_child(std::filesystem::path(TEMPER_BUILD_DIRECTORY) / "bin" / "temper", arguments, 120s);
  }
  testing::TemporaryFolder cache_;
};

TEST_F(PluginsVerb, ListsWhatIsThere) {
  const registry::ChildResult result = temper({});
  EXPECT_EQ(result.exit_status, 0) << result.errors;
  for (const char* kind : {"dataset\n", "metric\n", "model\n", "strategy\n", "tokenizer\n"}) EXPECT_THAT(result.output, HasSubstr(kind));
  EXPECT_THAT(result.output, ::testing::Not(HasSubstr("cannot be used")));
}

TEST_F(PluginsVerb, TellsTheOptionsOfAPluginThatUsesTorch) {
  const registry::ChildResult result = temper({"model/gpt2"});
  EXPECT_EQ(result.exit_status, 0) << result.errors;
  EXPECT_THAT(result.output, ::testing::StartsWith("model gpt2\n"));
  EXPECT_THAT(result.output, HasSubstr("  n_embd "));
}

TEST_F(PluginsVerb, SaysWhatWasMeant) {
  const registry::ChildResult result = temper({"acuracy"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_EQ(result.output, "");
  EXPECT_EQ(result.errors, "no plugin is called \"acuracy\"\n    did you mean \"accuracy\"?\n");
}

TEST_F(PluginsVerb, ShowsBrokenPluginsFromElsewhereAndUsesTheOthers) {
  ::setenv("TEMPER_PLUGIN_PATH", TEMPER_BAD_PLUGIN_DIRECTORY, 1);
  const registry::ChildResult list = temper({});
  EXPECT_EQ(list.exit_status, 0) << list.errors;
  EXPECT_THAT(list.output, HasSubstr("\ncannot be used\n"));
  EXPECT_THAT(list.output, HasSubstr("libwrong_torch.so\n    built for libtorch 2.5.1, this temper runs "));
  EXPECT_EQ(temper({"good"}).exit_status, 0);
  const registry::ChildResult crash = temper({"crashes"});
  EXPECT_EQ(crash.exit_status, 2);
  EXPECT_THAT(crash.errors, HasSubstr("libcrashes.so: loading it ended the process that tried: it was ended by signal 6 (Aborted)\n    first words\n    last words\n"));
}

}  // namespace
}  // namespace temper
