// Values: access, order of members, and both ways through TOML and JSON.
#include <temper/value.h>

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace temper {
namespace {

std::vector<std::string> keys(const Value& table) {
  std::vector<std::string> names;
  for (const auto& [name, value] : table.as_table()) names.push_back(name);
  return names;
}

std::string message(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Value, TellsWhatItFoundAndWhatWasWanted) {
  EXPECT_EQ(message([] { Value("fast").as_integer(); }), "found a string, wanted an integer");
  EXPECT_EQ(message([] { Value(1.5).as_integer(); }), "found a float, wanted an integer");
  EXPECT_EQ(message([] { Value().as_table(); }), "found nothing, wanted a table");
  EXPECT_EQ(Value(3).as_number(), 3.0);
}

TEST(Value, SetsAndFindsByPath) {
  Value value;
  value.set_path("dataset.limit.train", 1000);
  value.set_path("dataset.seed", 42);
  value.set_path("dataset.limit.train", 7);
  EXPECT_EQ(to_json(value), R"({"dataset": {"limit": {"train": 7}, "seed": 42}})");
  EXPECT_EQ(value.find_path("dataset.limit.train")->as_integer(), 7);
  EXPECT_EQ(value.find_path("dataset.limit.test"), nullptr);
  EXPECT_EQ(value.find_path("dataset.seed.deeper"), nullptr);
  EXPECT_TRUE(value.erase("dataset"));
  EXPECT_FALSE(value.erase("dataset"));
}

TEST(Value, EqualityMindsTypesAndTreatsNanAsItself) {
  EXPECT_EQ(Value(std::nan("")), Value(std::nan("")));
  EXPECT_FALSE(Value(1) == Value(1.0));
  EXPECT_FALSE(Value(true) == Value(1));
  EXPECT_EQ(parse_toml("a = 1"), parse_toml("\n\n a  =  1"));
}

TEST(Toml, KeepsTheOrderOfTheFile) {
  const Value value = parse_toml("z = 1\na = 2\n[m]\ny = 1\nb.c = 2\nb.a = 3\n[d.inner]\nk = 1\n[c]\n");
  EXPECT_THAT(keys(value), testing::ElementsAre("z", "a", "m", "d", "c"));
  EXPECT_THAT(keys(*value.find("m")), testing::ElementsAre("y", "b"));
  EXPECT_THAT(keys(*value.find_path("m.b")), testing::ElementsAre("c", "a"));
}

TEST(Toml, KnowsWhereEverythingStands) {
  const Value value = parse_toml("# x\n[training]\n  rate = [1,\n    2]\nlora = { r = 0 }\n[[s]]\nq = 1\n[[s]]\n", "f.toml");
  const auto at = [&](const char* path) { return describe(value.find_path(path)->place); };
  EXPECT_EQ(at("training"), "f.toml:2:2");
  EXPECT_EQ(at("training.rate"), "f.toml:3:3");
  EXPECT_EQ(describe(value.find_path("training.rate")->as_array()[1].place), "f.toml:4:5");
  EXPECT_EQ(at("training.lora.r"), "f.toml:5:10");
  EXPECT_EQ(describe(value.find("s")->as_array()[1].place), "f.toml:8:1");
}

TEST(Toml, ReportsSyntaxWithItsPlace) {
  EXPECT_THAT(message([] { parse_toml("a = 1\nb = = 2\n", "f.toml"); }), testing::StartsWith("f.toml:2:5: no valid TOML: "));
  EXPECT_THAT(message([] { parse_toml("a = 1\na = 2\n", "f.toml"); }), testing::StartsWith("f.toml:2:"));
  EXPECT_THAT(message([] { parse_toml("a = \"\xff\"", "f.toml"); }), testing::StartsWith("f.toml:1:"));
}

TEST(Toml, ReportsWhatItsParserTakesForGranted) {
  EXPECT_EQ(message([] { parse_toml("a = 1\nlora = { r = [} }\n", "f.toml"); }), "f.toml:2:15: no valid TOML: unexpected \"}\"");
  EXPECT_EQ(message([] { parse_toml("a = 1\n[= 1]\n", "f.toml"); }), "f.toml:2:2: no valid TOML: unexpected \"=\"");
  EXPECT_THAT(message([] { parse_toml("a = [,]", "f.toml"); }), testing::StartsWith("f.toml:1:6: no valid TOML: "));
  EXPECT_THAT(message([] { parse_toml("a =", "f.toml"); }), testing::StartsWith("f.toml:1:"));
}

TEST(Toml, RejectsDatesAllAtOnce) {
  EXPECT_EQ(message([] { parse_toml("a = 2020-01-01\nb = 10:00:00\n", "f.toml"); }),
            "f.toml:1:5: dates and times are not used here\n    put it in quotes to make it a string\n"
            "f.toml:2:5: dates and times are not used here\n    put it in quotes to make it a string");
}

TEST(Toml, SurvivesEndlessNesting) {
  std::string dotted = "a";
  for (int i = 0; i < 200000; ++i) dotted += ".a";
  EXPECT_THAT(message([&] { parse_toml(dotted + " = 1"); }), testing::HasSubstr("dots"));
  EXPECT_THAT(message([&] { parse_toml("x = " + std::string(100000, '[')); }), testing::HasSubstr("no valid TOML"));
}

TEST(Toml, FloatsKeepTheirShortestExactForm) {
  for (const auto& [number, text] : std::vector<std::pair<double, std::string>>{
           {5e-5, "5e-5"}, {0.1, "0.1"}, {3, "3.0"}, {1e22, "1e22"}, {-0.0, "-0.0"}, {1e-12, "1e-12"}, {100000, "100000.0"},
           {std::numeric_limits<double>::infinity(), "inf"}, {std::nan(""), "nan"}, {0.30000000000000004, "0.30000000000000004"}}) {
    EXPECT_EQ(to_toml(number), text);
    EXPECT_EQ(*parse_toml("x = " + text).find("x"), Value(number));
  }
}

TEST(Toml, WritesADocumentThatReadsBackEqual) {
  const std::string text = "name = \"a \\\"b\\\" \\n \\u007f\"\nseeds = [1, 2]\n\n[dataset]\nplugin = \"csv\"\n\"odd key\" = true\n\n[dataset.limit]\ntrain = 1\n\n"
                           "[[strategy]]\nplugin = \"x\"\n\n[strategy.lora]\nr = 4\n\n[[strategy]]\nplugin = \"y\"\n";
  const Value value = parse_toml(text);
  EXPECT_EQ(to_toml_document(value), text);
  EXPECT_EQ(*parse_toml("v = " + to_toml(value)).find("v"), value);
}

TEST(Json, ReadsBackWhatWasWritten) {
  const std::string text = R"({"b": [1, 2.5, "x\n", true, null, {}], "a": {"c": -7}})";
  EXPECT_EQ(to_json(parse_json(text)), text);
  EXPECT_EQ(to_json(std::nan("")), "\"NaN\"");
  EXPECT_EQ(to_json(-std::numeric_limits<double>::infinity()), "\"-Infinity\"");
  EXPECT_EQ(to_json("\xff"), "\"\xEF\xBF\xBD\"");
}

TEST(Json, KnowsWhereEverythingStands) {
  const Value value = parse_json("{\"a\": 1,\n \"\xC3\xA4\": {\"k\":[10,\n  20]}}", "c.json");
  EXPECT_EQ(describe(value.find("a")->place), "c.json:1:2");
  EXPECT_EQ(describe(value.find("\xC3\xA4")->place), "c.json:2:2");
  EXPECT_EQ(describe(value.find_path("\xC3\xA4.k")->place), "c.json:2:8");
  EXPECT_EQ(describe(value.find_path("\xC3\xA4.k")->as_array()[0].place), "c.json:2:13");
  EXPECT_EQ(describe(value.find_path("\xC3\xA4.k")->as_array()[1].place), "c.json:3:3");
}

TEST(Json, RejectsWhatIsBroken) {
  EXPECT_THAT(message([] { parse_json("{\"a\": 1,\n \"b\" 2}", "c.json"); }), testing::StartsWith("c.json:2:6: no valid JSON: "));
  EXPECT_THAT(message([] { parse_json("", "c.json"); }), testing::HasSubstr("no valid JSON"));
  EXPECT_THAT(message([] { parse_json("[1] 2"); }), testing::HasSubstr("no valid JSON"));
  EXPECT_THAT(message([] { parse_json("\"\xff\""); }), testing::StartsWith("1:2: is not UTF-8"));
  EXPECT_EQ(message([] { parse_json("{\"a\": 1, \"a\": 2}", "c.json"); }), "c.json:1:10: the key \"a\" is given twice");
  EXPECT_THAT(message([] { parse_json(std::string(1000000, '[')); }), testing::HasSubstr("levels of nesting"));
}

TEST(Json, TakesNumbersBeyond64BitsAsFloats) {
  EXPECT_EQ(parse_json("18446744073709551615").as_number(), 18446744073709551615.0);
  EXPECT_EQ(parse_json("1000000000000000019884624838656").as_number(), 1e30);
  EXPECT_EQ(parse_json("-9223372036854775808").as_integer(), std::numeric_limits<std::int64_t>::min());
}

}  // namespace
}  // namespace temper
