// The registry over the folder of bad plugins: each bad one is an error of its own, and the good one works beside them.
#include "registry/registry.h"

#include <gmock/gmock.h>
#include <temper/metric.h>

#include <cstdlib>

#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::registry {
namespace {

using temper::testing::message_of;
using temper::testing::TemporaryFolder;

const std::filesystem::path kBad = TEMPER_BAD_PLUGIN_DIRECTORY;

std::string creating(const std::string& name, const Value& options = Value::Table()) {
  const Registry registry({kBad});
  return message_of([&] { registry.create<Metric>(name, options); });
}

std::vector<double> counted(const Metric& metric) {
  const std::vector<double> sum = {3};
  return metric.evaluate({}, sum);
}

TEST(Registry, MakesAGoodPluginAmongBrokenOnes) {
  const Registry registry({kBad});
  EXPECT_EQ(counted(*registry.create<Metric>("good")), std::vector<double>{3});
  EXPECT_EQ(counted(*registry.create<Metric>("metric/good", parse_toml("k = 3"))), std::vector<double>{3});
}

TEST(Registry, MakesPluginsThatOutliveIt) {
  std::unique_ptr<Metric> metric;
  {
    const Registry registry({kBad});
    metric = registry.create<Metric>("good");
  }
  EXPECT_EQ(counted(*metric), std::vector<double>{3});
}

TEST(Registry, ListsWhatIsThereAndWhatIsWrong) {
  const Registry registry({kBad});
  EXPECT_THAT(registry.kinds(), ::testing::ElementsAre("metric", "oracle", "strategy"));
  EXPECT_THAT(registry.names("metric"), ::testing::Contains("good"));
  for (const char* unusable : {"twin", "wrong_interface", "wrong_abi", "wrong_torch"})
    EXPECT_THAT(registry.names("metric"), ::testing::Not(::testing::Contains(unusable)));
  std::vector<std::string> nameless;
  for (const Plugin& plugin : registry.plugins())
    if (plugin.name().empty()) nameless.push_back(plugin.library.filename().string());
  EXPECT_THAT(nameless, ::testing::ElementsAre("libno_library.so", "libno_manifest.so"));
}

TEST(Registry, FindsByClaim) {
  const Registry registry({kBad});
  ASSERT_NE(registry.find_claim("metric", "second/claim"), nullptr);
  EXPECT_EQ(registry.find_claim("metric", "second/claim")->name(), "good");
  EXPECT_EQ(registry.find_claim("metric", "second"), nullptr);
  EXPECT_EQ(registry.find_claim("model", "second/claim"), nullptr);
  EXPECT_THAT(registry.claims("metric"), ::testing::ElementsAre("first-claim", "second/claim"));
}

TEST(Registry, NamesThePluginThatWasMeant) {
  EXPECT_EQ(creating("goood"), "no metric plugin is called \"goood\"\n    did you mean \"good\"?");
  EXPECT_EQ(creating("dataset/good"), "\"dataset/good\" is a dataset, wanted a metric");
  const Registry registry({kBad});
  EXPECT_THAT(message_of([&] { registry.find("metric", "zzzzzzzzz"); }), ::testing::HasSubstr("\n    there are bad_default, chatty, "));
  EXPECT_EQ(message_of([&] { registry.find("dataset", "csv"); }),
            "no dataset plugin is called \"csv\"\n    there is none of this kind; plugins from elsewhere are found through TEMPER_PLUGIN_PATH");
  EXPECT_EQ(message_of([&] { registry.named("goood"); }), "no plugin is called \"goood\"\n    did you mean \"good\"?");
  EXPECT_EQ(registry.named("good").size(), 1u);
  EXPECT_EQ(registry.named("metric/good").size(), 1u);
  EXPECT_EQ(registry.named("twin").size(), 2u);
  EXPECT_EQ(registry.named("no_manifest").size(), 1u);
}

TEST(BadPlugin, NoLibrary) {
  EXPECT_EQ(creating("no_library"), "libno_library.so: no shared library (it does not begin as an ELF file does)");
}

TEST(BadPlugin, NoManifest) { EXPECT_THAT(creating("no_manifest"), ::testing::StartsWith("libno_manifest.so: no temper plugin: it has no manifest")); }

TEST(BadPlugin, WrongInterface) {
  EXPECT_EQ(creating("wrong_interface"),
            "libwrong_interface.so: built for version 999 of the metric interface, this temper has version " +
                std::to_string(TEMPER_INTERFACE_Metric) + "\n    rebuild it: cmake --build build --target wrong_interface");
}

TEST(BadPlugin, WrongAbi) {
  EXPECT_EQ(creating("wrong_abi"), "libwrong_abi.so: built for the C++ ABI gxx-abi=1002,libstdc++-cxx11=0, this temper has " + this_host().abi +
                                       "\n    rebuild it: cmake --build build --target wrong_abi with the compiler that built temper");
}

TEST(BadPlugin, WrongTorch) {
  EXPECT_EQ(creating("wrong_torch"),
            "libwrong_torch.so: built for libtorch 2.5.1, this temper runs " + this_host().torch + "\n    rebuild it: cmake --build build --target wrong_torch");
}

TEST(BadPlugin, UsesTorchWhereThereIsNone) {
  EXPECT_EQ(creating("uses_torch"), "libuses_torch.so: uses libtorch, which this program does not load\n    temper-worker runs such plugins");
}

TEST(BadPlugin, LacksASymbol) {
  EXPECT_EQ(creating("lacks_symbol"), "liblacks_symbol.so: lacks the symbol \"elsewhere::missing_function(int)\", which no library that it is linked to defines\n"
                                      "    link what defines it; -Wl,-z,defs finds this when the library is built");
}

TEST(BadPlugin, TwoOfOneName) {
  EXPECT_EQ(creating("twin"), "2 metric plugins are called \"twin\": " + (kBad / "libtwin_one.so").string() + " and " + (kBad / "libtwin_two.so").string() +
                                  "\n    remove or rename one");
}

TEST(BadPlugin, NoDescriptor) {
  EXPECT_EQ(creating("no_descriptor"), "libno_descriptor.so: has a manifest, but no symbol temper_plugin_descriptor\n"
                                       "    do not hide or strip what TEMPER_PLUGIN(...) defines");
}

TEST(BadPlugin, ManifestAndDescriptorDiffer) {
  EXPECT_EQ(creating("other_name"), "libother_name.so: its manifest says metric/other_name, its descriptor metric/something_else\n"
                                    "    use TEMPER_PLUGIN(...) once per library, and nothing else to register");
}

TEST(BadPlugin, UnknownDescriptor) {
  const std::string bytes = std::to_string(sizeof(PluginDescriptor));
  EXPECT_EQ(creating("wrong_descriptor_version"), "libwrong_descriptor_version.so: its descriptor has version 99 and " + bytes +
            " bytes, this temper wants version 1 and " + bytes + " bytes\n    rebuild it with the headers of this temper");
  EXPECT_EQ(creating("wrong_descriptor_size"), "libwrong_descriptor_size.so: its descriptor has version 1 and 8 bytes, this temper wants version 1 and " + bytes +
            " bytes\n    rebuild it with the headers of this temper");
}

TEST(BadPlugin, ThrowsOnCreate) {
  EXPECT_EQ(creating("throws_on_create"), "libthrows_on_create.so: metric throws_on_create cannot be made: no luck today");
  EXPECT_EQ(creating("throws_a_number"), "libthrows_a_number.so: metric throws_a_number cannot be made: it threw what is no std::exception");
}

TEST(BadPlugin, DeclaresWrongOptions) {
  EXPECT_EQ(creating("reserved_option"), "libreserved_option.so: metric reserved_option declares the option \"plugin\", which has a meaning of its own in this table\n"
                                         "    call it otherwise");
  EXPECT_EQ(creating("twice_declared"), "libtwice_declared.so: metric twice_declared declares the option \"k\" twice");
  EXPECT_EQ(creating("bad_default"), "libbad_default.so: metric bad_default has a default that it rejects itself: k is 0, it must be at least 1");
}

TEST(Registry, ChecksOptionsBeforeItMakesAPlugin) {
  EXPECT_EQ(creating("good", parse_toml("kk = 1\nk = 0", "f.toml")),
            "f.toml:1:1: metric good has no option \"kk\"\n    did you mean \"k\"? all options: temper plugins good\nf.toml:2:1: k is 0, it must be at least 1");
  Value unplaced;
  unplaced.set("k", 0);
  EXPECT_EQ(creating("good", unplaced), "metric good: k is 0, it must be at least 1");
}

TEST(Registry, IgnoresKeysThatMeanNothingWhereToldSo) {
  const Registry registry({kBad});
  EXPECT_NE(registry.create<Metric>("good", parse_json(R"({"architectures": ["X"], "k": null})"), UnknownKeys::kIgnore), nullptr);
  EXPECT_EQ(message_of([&] { registry.create<Metric>("good", parse_json(R"({"x": 1, "k": "a"})", "config.json"), UnknownKeys::kIgnore); }),
            "config.json:1:10: k is \"a\", it must be an integer");
}

TEST(Registry, ChecksThePluginsInsideAPlugin) {
  const Registry registry({kBad});
  Problems problems;
  const Value value = registry.check("metric", "nested", parse_toml("inner = { plugin = \"good\" }"), "[metric]", problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(to_toml(value), "{ inner = { plugin = \"good\", k = 10 } }");
  const auto found = [&](const std::string& toml, const std::string& where) {
    Problems wrong;
    registry.check("metric", "nested", parse_toml(toml, "f.toml"), where, wrong);
    return message_of([&] { wrong.throw_if_any(); });
  };
  EXPECT_EQ(found("inner = { plugin = \"good\", k = 0, n = 1 }", "[metric]"),
            "f.toml:1:35: [metric.inner] has no option \"n\"\n    its options are \"k\". all options: temper plugins good\n"
            "f.toml:1:28: metric.inner.k is 0, it must be at least 1");
  EXPECT_EQ(found("inner = { plugin = \"goood\" }", "metric nested"), "f.toml:1:11: no metric plugin is called \"goood\"\n    did you mean \"good\"?");
  EXPECT_EQ(found("inner = { plugin = \"nested\", inner = { plugin = \"good\", k = 0 } }", "metric nested"), "f.toml:1:57: k is 0, it must be at least 1");
}

TEST(Registry, SaysWhichFolderIsMissing) {
  const Registry registry({"/no/such/folder"});
  ASSERT_EQ(registry.plugins().size(), 1u);
  EXPECT_EQ(describe(*registry.plugins()[0].problem),
            "/no/such/folder: cannot be read as a plugin folder: No such file or directory\n    correct TEMPER_PLUGIN_PATH");
}

TEST(Registry, CountsALibraryOnceThatIsReachedTwice) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink(kBad / "libgood.so", folder / "libalias.so");
  const Registry registry({kBad, folder.path(), kBad});
  EXPECT_EQ(registry.named("good").size(), 1u);
  EXPECT_NE(registry.create<Metric>("good"), nullptr);
}

TEST(Registry, LooksIntoTheFoldersOfThePath) {
  ::setenv("TEMPER_PLUGIN_PATH", "/a/b::/c", 1);
  const std::vector<std::filesystem::path> folders = plugin_folders();
  ::unsetenv("TEMPER_PLUGIN_PATH");
  ASSERT_EQ(folders.size(), 3u);
  EXPECT_EQ(folders[0], TEMPER_PLUGIN_DIRECTORY);
  EXPECT_EQ(folders[1], "/a/b");
  EXPECT_EQ(folders[2], "/c");
}

}  // namespace
}  // namespace temper::registry
