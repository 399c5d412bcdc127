// The table [dataset]: the framework's keys and the plugin's, checked together.
#include "data/dataset_options.h"

#include <gtest/gtest.h>

#include "support/message_of.h"

namespace temper::data {
namespace {

using testing::message_of;

struct PluginOptions {
  std::string text = "text";
  void visit(OptionVisitor& v) { v.option("text", text, "The text."); }
};

struct GreedyOptions {
  int seed = 1;
  std::string other;
  void visit(OptionVisitor& v) {
    v.option("seed", seed, "A seed.");
    v.option("other", other, "Another.").alias("train");
  }
};

template <class T>
OptionSchema schema_of() {
  OptionsOf<T> options;
  return declared(options);
}

DatasetOptions read(const std::string& toml) {
  Problems problems;
  const Value table = checked(dataset_schema(schema_of<PluginOptions>(), "csv"), *parse_toml(toml, "e.toml").find("dataset"), "[dataset]", problems);
  problems.throw_if_any();
  OptionsOf<DatasetOptions> options;
  fill(options, table);
  return options.value;
}

TEST(DatasetOptions, ReadAFileOrAShareForValidation) {
  const DatasetOptions file = read("[dataset]\nplugin = 'csv'\ntrain = '/t.csv'\nvalidation = '/v.csv'\ntext = 'tweet'\n");
  EXPECT_EQ(std::get<std::filesystem::path>(*file.validation), "/v.csv");
  EXPECT_EQ(file.train, "/t.csv");
  EXPECT_EQ(file.seed, 42);
  EXPECT_EQ(file.on_bad_row, "error");
  EXPECT_FALSE(file.test);
  const DatasetOptions share = read("[dataset]\nplugin = 'csv'\ntrain = '/t.csv'\nvalidation = 0.25\ntest = '/x.csv'\n");
  EXPECT_EQ(std::get<double>(*share.validation), 0.25);
  EXPECT_EQ(std::get<std::filesystem::path>(*share.test), "/x.csv");
  EXPECT_FALSE(read("[dataset]\nplugin = 'csv'\ntrain = '/t.csv'\n").validation);
}

TEST(DatasetOptions, ReadALimitForEachSplitOrForSome) {
  const DatasetOptions each = read("[dataset]\nplugin = 'csv'\ntrain = '/t.csv'\nlimit = 100\n");
  EXPECT_EQ(each.limit.train, 100);
  EXPECT_EQ(each.limit.validation, 100);
  EXPECT_EQ(each.limit.test, 100);
  const DatasetOptions some = read("[dataset]\nplugin = 'csv'\ntrain = '/t.csv'\nlimit = { train = 5 }\n");
  EXPECT_EQ(some.limit.train, 5);
  EXPECT_FALSE(some.limit.test);
}

TEST(DatasetOptions, TellWhatIsWrong) {
  const std::string message = message_of([] { read("[dataset]\nplugin = 'csv'\nvalidation = 1\nlimit = 0\ntxet = 'a'\non_bad_row = 'skip'\n"); });
  for (const char* part : {"e.toml:3:", "validation", "e.toml:4:", "limit", "e.toml:5:", "did you mean \"text\"?", "e.toml:6:", "train"})
    EXPECT_NE(message.find(part), std::string::npos) << part << " in:\n" << message;
}

TEST(DatasetOptions, BelongToTheFrameworkAlone) {
  EXPECT_EQ(message_of([] { dataset_schema(schema_of<GreedyOptions>(), "greedy"); }),
            "dataset plugin \"greedy\" declares the option \"seed\", which temper itself reads from [dataset]\n    the plugin must call it otherwise\n"
            "dataset plugin \"greedy\" declares the option \"other\", which temper itself reads from [dataset]\n    the plugin must call it otherwise");
}

TEST(DatasetOptions, AreNamesNotPathsForAGenerator) {
  for (const OptionSpec& option : dataset_schema({}, "generator", false)) EXPECT_NE(option.type, OptionType::kPath) << option.name;
}

}  // namespace
}  // namespace temper::data
