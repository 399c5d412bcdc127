// Descriptions asked of a child: libraries that crash, exit or hang cost themselves only, and answers are cached by content.
#include "registry/description.h"

#include <gmock/gmock.h>
#include <temper/metric.h>

#include "registry/registry.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::registry {
namespace {

using namespace std::chrono_literals;
using temper::testing::message_of;
using temper::testing::TemporaryFolder;

const std::filesystem::path kBad = TEMPER_BAD_PLUGIN_DIRECTORY;

// A coordinator's registry with a cache of its own.
class Coordinator : public ::testing::Test {
 protected:
  std::string describing(const std::string& name, std::chrono::milliseconds limit = 20s) {
    const Registry registry({kBad}, {FirstLoad::kInChild, kBad / "describe_child", cache_ / "descriptions", limit});
    return message_of([&] { registry.describe("metric", name); });
  }
  std::size_t entries() const {
    if (!std::filesystem::exists(cache_ / "descriptions")) return 0;
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(cache_ / "descriptions"), {}));
  }
  TemporaryFolder cache_;
};

TEST_F(Coordinator, LearnsTheOptionsFromAChild) {
  const Registry registry({kBad}, {FirstLoad::kInChild, kBad / "describe_child", cache_ / "descriptions"});
  const OptionSchema& schema = registry.describe("metric", "good");
  ASSERT_EQ(schema.size(), 1u);
  EXPECT_EQ(schema[0].name, "k");
  EXPECT_EQ(schema[0].minimum, 1);
  EXPECT_EQ(schema[0].unit, "items");
  EXPECT_EQ(schema[0].default_value, Value(10));
  EXPECT_NE(registry.create<Metric>("good"), nullptr);
}

TEST_F(Coordinator, SurvivesAPluginThatCrashes) {
  EXPECT_EQ(describing("crashes"), "libcrashes.so: loading it ended the process that tried: it was ended by signal 6 (Aborted)\n    first words\n    last words\n"
                                   "    its static initialisers or its option declaration are at fault");
  const Registry registry({kBad}, {FirstLoad::kInChild, kBad / "describe_child", cache_ / "descriptions"});
  EXPECT_THAT(message_of([&] { registry.create<Metric>("crashes"); }), ::testing::HasSubstr("was ended by signal 6"));
}

TEST_F(Coordinator, SurvivesAPluginThatExitsQuietly) {
  EXPECT_EQ(describing("exits_quietly"), "libexits_quietly.so: loading it ended the process that tried: it exited with status 0\n"
                                         "    its static initialisers or its option declaration are at fault");
}

TEST_F(Coordinator, SurvivesAPluginThatHangs) {
  EXPECT_EQ(describing("hangs", 300ms), "libhangs.so: loading it ended the process that tried: it did not answer within 0.3 s\n"
                                        "    its static initialisers or its option declaration are at fault");
}

TEST_F(Coordinator, IsNotFooledByWhatAPluginPrints) { EXPECT_EQ(describing("chatty"), "no error"); }

TEST_F(Coordinator, HearsOfErrorsAsTheyAre) {
  EXPECT_THAT(describing("lacks_symbol"), ::testing::StartsWith("liblacks_symbol.so: lacks the symbol \"elsewhere::missing_function(int)\""));
  EXPECT_THAT(describing("twice_declared"), ::testing::StartsWith("libtwice_declared.so: metric twice_declared declares the option \"k\" twice"));
  EXPECT_EQ(entries(), 0u);  // errors are not cached: the next build may cure them
}

TEST_F(Coordinator, AsksOneChildForManyAndLosesOnlyThoseAtFault) {
  const Registry registry({kBad}, {FirstLoad::kInChild, kBad / "describe_child", cache_ / "descriptions", 2000ms});
  std::vector<const Plugin*> plugins;
  for (const char* name : {"crashes", "good", "exits_quietly", "nested", "hangs", "chatty"}) plugins.push_back(&registry.find("metric", name));
  registry.describe_all(plugins);
  EXPECT_EQ(entries(), 3u);
  EXPECT_EQ(registry.describe("metric", "nested").size(), 1u);
  EXPECT_THAT(message_of([&] { registry.describe("metric", "hangs"); }), ::testing::HasSubstr("did not answer"));
}

TEST_F(Coordinator, NeedsNoChildForWhatItKnows) {
  EXPECT_EQ(describing("good"), "no error");
  EXPECT_EQ(entries(), 1u);
  const Registry registry({kBad}, {FirstLoad::kInChild, "/no/such/worker", cache_ / "descriptions"});
  EXPECT_EQ(registry.describe("metric", "good")[0].help, "How many count.");
  EXPECT_THAT(message_of([&] { registry.describe("metric", "nested"); }), ::testing::StartsWith("/no/such/worker: cannot be started: "));
}

TEST_F(Coordinator, RebuildsABrokenCacheEntry) {
  for (const char* broken : {"", "{", "[]", "{\"format\": 1}", "{\"format\": 0, \"options\": []}", "{\"format\": 1, \"options\": [{\"type\": \"?\"}]}"}) {
    EXPECT_EQ(describing("good"), "no error");
    ASSERT_EQ(entries(), 1u);
    const std::filesystem::path entry = std::filesystem::directory_iterator(cache_ / "descriptions")->path();
    std::ofstream(entry, std::ios::trunc) << broken;
    const Registry registry({kBad}, {FirstLoad::kInChild, kBad / "describe_child", cache_ / "descriptions"});
    EXPECT_EQ(registry.describe("metric", "good").size(), 1u) << broken;
    EXPECT_GT(std::filesystem::file_size(entry), 100u) << broken;
  }
}

TEST_F(Coordinator, DoesWithoutACacheThatItCannotWrite) {
  cache_.write("descriptions", "a file where the folder should be");
  EXPECT_EQ(describing("good"), "no error");
}

TEST(Description, FollowsTheContentsOfALibrary) {
  const TemporaryFolder folder;
  const DescriptionCache cache(folder / "cache");
  const auto library = folder.write("libx.so", "one");
  OptionSpec spec;
  spec.name = "k";
  cache.store(library, {spec});
  ASSERT_TRUE(cache.find(library));
  EXPECT_EQ(cache.find(library)->at(0).name, "k");
  folder.write("libx.so", "two");
  EXPECT_FALSE(cache.find(library));
  EXPECT_FALSE(cache.find(folder / "absent.so"));
}

TEST(Description, BlamesTheWorkerWhenItDoesNotEvenBegin) {
  EXPECT_EQ(message_of([] { describe_in_child("/bin/false", {kBad / "libgood.so"}, 5s); }),
            "/bin/false: cannot describe plugins: it exited with status 1");
}

}  // namespace
}  // namespace temper::registry
