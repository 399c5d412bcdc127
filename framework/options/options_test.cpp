// Declared options: what a declaration becomes, every kind of mistake with its wording, and the walks that fill and write.
#include <temper/options.h>
#include <temper/word_or_numbers.h>

#include <gmock/gmock.h>

#include <limits>

namespace temper {
namespace {

struct Lora {
  std::int64_t r = 8;
  double lora_dropout = 0;
  void visit(OptionVisitor& v) {
    v.option("r", r, "Rank.").at_least(1);
    v.option("lora_dropout", lora_dropout, "Dropout.").at_least(0).below(1);
  }
};

struct Limit {
  std::optional<std::int64_t> train, test;
  void visit(OptionVisitor& v) {
    v.option("train", train, "Rows of train.").at_least(1);
    v.option("test", test, "Rows of test.").at_least(1);
  }
};

struct Example {
  double learning_rate = 5e-5;
  std::int64_t warmup_steps = 0;
  int batch_size = 8;
  std::string keep = "last";
  std::optional<std::int64_t> max_steps;
  std::filesystem::path checkpoint;
  std::optional<PathOrNumber> validation;
  std::vector<std::string> target_modules = {"c_attn"};
  std::vector<std::vector<int>> grid;
  std::map<std::string, std::string> labels;
  bool bf16 = false;
  Lora lora;
  Limit limit;
  PluginChoice retriever;
  void visit(OptionVisitor& v) {
    v.option("learning_rate", learning_rate, "Peak learning rate.").at_least(0);
    v.option("warmup_steps", warmup_steps, "Warm-up.").at_least(0).in("steps");
    v.option("batch_size", batch_size, "Items.").at_least(1).alias("per_device_train_batch_size").alias("train_batch_size");
    v.option("keep", keep, "Which weights.").one_of({"last", "best"});
    v.option("max_steps", max_steps, "Steps.").at_least(1).not_part_of_identity();
    v.option("checkpoint", checkpoint, "A folder.").required();
    v.option("validation", validation, "A file or a share.").above(0).below(1);
    v.option("target_modules", target_modules, "Names.");
    v.option("grid", grid, "Numbers.").at_least(0);
    v.option("labels", labels, "Spelling.");
    v.option("bf16", bf16, "Half precision.");
    v.table("lora", lora, "LoRA.");
    v.table_or_each("limit", limit, "Limits.");
    v.plugin("retriever", retriever, "retriever", "What finds.");
  }
};

OptionSchema example_schema() {
  OptionsOf<Example> options;
  return declared(options);
}

struct Checked {
  Value value;
  std::string problems;
};

Checked check(const std::string& toml, const std::string& where = "[training]") {
  Problems problems;
  const Value table = parse_toml(toml, "f.toml");
  Value value = checked(example_schema(), table, where, problems);
  std::string text;
  for (const Problem& problem : problems.all()) text += describe(problem) + '\n';
  return {std::move(value), text};
}

TEST(Declaration, KnowsTypesDefaultsAndConstraints) {
  const OptionSchema schema = example_schema();
  ASSERT_EQ(schema.size(), 14u);
  EXPECT_EQ(schema[0].type, OptionType::kFloat);
  EXPECT_EQ(schema[0].default_value, Value(5e-5));
  EXPECT_EQ(schema[1].unit, "steps");
  EXPECT_TRUE(schema[4].is_optional);
  EXPECT_FALSE(schema[4].counts_for_identity);
  EXPECT_TRUE(schema[4].default_value.is_null());
  EXPECT_TRUE(schema[5].is_required);
  EXPECT_TRUE(schema[5].default_value.is_null());
  EXPECT_TRUE(schema[6].or_number);
  EXPECT_EQ(schema[7].array_depth, 1);
  EXPECT_EQ(schema[8].array_depth, 2);
  EXPECT_EQ(schema[11].type, OptionType::kTable);
  EXPECT_EQ(schema[11].children.size(), 2u);
  EXPECT_TRUE(schema[12].scalar_means_each);
  EXPECT_EQ(schema[13].plugin_kind, "retriever");
}

struct Weighed {
  WordOrNumbers weights = {"none"};
  void visit(OptionVisitor& v) { v.option("weights", weights, "Weights.").one_of({"none", "balanced"}).at_least(0).or_number = true; }
};

TEST(Declaration, TakesAWordOrATableOfNumbers) {
  OptionsOf<Weighed> options;
  const OptionSchema schema = schema_from_value(to_value(declared(options)));
  EXPECT_EQ(schema[0].type, OptionType::kStringMap);
  const auto read = [&](const std::string& toml) {
    Problems problems;
    const Value value = checked(schema, parse_toml(toml, "f.toml"), "[training]", problems);
    std::string text;
    for (const Problem& problem : problems.all()) text += describe(problem) + '\n';
    if (text.empty()) fill(options, value);
    return text;
  };
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(options.value.weights, WordOrNumbers{"none"});
  EXPECT_EQ(read("weights = \"balanced\""), "");
  EXPECT_EQ(options.value.weights, WordOrNumbers{"balanced"});
  EXPECT_EQ(read("weights = { \"a b\" = 2, c = 0.5 }"), "");
  EXPECT_EQ(options.value.weights, (WordOrNumbers{"", {{"a b", 2}, {"c", 0.5}}}));
  EXPECT_EQ(to_json(written(options)), R"({"weights": {"a b": 2.0, "c": 0.5}})");
  EXPECT_EQ(read("weights = \"balance\""), "f.toml:1:1: training.weights is \"balance\", it must be one of \"none\", \"balanced\"\n    did you mean \"balanced\"?\n");
  EXPECT_EQ(read("weights = 2"), "f.toml:1:1: training.weights is 2, it must be a string or a table of numbers\n");
  EXPECT_EQ(read("weights = { c = -1 }"), "f.toml:1:13: training.weights.c is -1, it must be at least 0\n");
  EXPECT_EQ(read("weights = { c = \"much\" }"), "f.toml:1:13: training.weights.c is \"much\", it must be a number\n");
  EXPECT_EQ(read("weights = { c = nan }"), "f.toml:1:13: training.weights.c is nan, it must be at least 0\n");
}

TEST(Declaration, CrossesAsAValueUnchanged) {
  const OptionSchema schema = example_schema();
  const std::string json = to_json(to_value(schema));
  EXPECT_EQ(to_json(to_value(schema_from_value(parse_json(json)))), json);
}

TEST(Declaration, KeepsAnInfiniteDefaultThroughJson) {
  OptionSpec spec;
  spec.name = "limit";
  spec.type = OptionType::kFloat;
  spec.default_value = std::numeric_limits<double>::infinity();
  EXPECT_EQ(schema_from_value(parse_json(to_json(to_value(OptionSchema{spec}))))[0].default_value, spec.default_value);
}

enum class Colour { kRed, kGreen };

}  // namespace

template <> struct EnumNames<Colour> { static constexpr const char* names[] = {"red", "green"}; };

namespace {

struct Painted {
  Colour colour = Colour::kGreen;
  std::optional<Colour> other;
  void visit(OptionVisitor& v) {
    v.option("colour", colour, "A colour.");
    v.option("other", other, "Another.");
  }
};

TEST(Declaration, TakesAnEnumByItsNames) {
  OptionsOf<Painted> options;
  const OptionSchema schema = declared(options);
  EXPECT_EQ(schema[0].type, OptionType::kString);
  EXPECT_EQ(schema[0].default_value, Value("green"));
  EXPECT_EQ(schema[0].choices, (std::vector<std::string>{"red", "green"}));
  EXPECT_EQ(schema[1].choices, schema[0].choices);
  EXPECT_TRUE(schema[1].is_optional);
  fill(options, parse_toml("colour = \"red\"\nother = \"green\"\n", "f.toml"));
  EXPECT_EQ(options.value.colour, Colour::kRed);
  EXPECT_EQ(options.value.other, Colour::kGreen);
  EXPECT_EQ(to_toml(written(options)), "{ colour = \"red\", other = \"green\" }");
  EXPECT_THROW(fill(options, parse_toml("colour = \"blue\"\n", "f.toml")), Error);
}

TEST(CheckedOptions, CompletesWithDefaultsInTheOrderOfTheSchema) {
  const Checked result = check("bf16 = true\ncheckpoint = \"m\"\nlearning_rate = 1\nvalidation = 0.1\n");
  EXPECT_EQ(result.problems, "");
  EXPECT_EQ(to_toml(result.value),
            "{ learning_rate = 1.0, warmup_steps = 0, batch_size = 8, keep = \"last\", checkpoint = \"m\", validation = 0.1, "
            "target_modules = [\"c_attn\"], grid = [], labels = {}, bf16 = true, lora = { r = 8, lora_dropout = 0.0 }, limit = {} }");
}

TEST(CheckedOptions, IsAFixedPoint) {
  const Checked once = check("checkpoint = \"m\"\nlimit = 5\nretriever = { plugin = \"bm25\", k1 = 2 }");
  const Checked twice = check(to_toml_document(once.value));
  EXPECT_EQ(twice.problems, "");
  EXPECT_EQ(to_toml(twice.value), to_toml(once.value));
}

TEST(CheckedOptions, AcceptsAnAliasUnderItsName) {
  EXPECT_EQ(check("checkpoint = \"m\"\nper_device_train_batch_size = 4").value.find("batch_size")->as_integer(), 4);
}

TEST(CheckedOptions, RejectsANameTogetherWithItsAlias) {
  EXPECT_EQ(check("checkpoint = \"m\"\ntrain_batch_size = 4\nbatch_size = 4").problems,
            "f.toml:2:1: \"train_batch_size\" is another name of \"batch_size\", and [training] has both\n    keep one of them\n");
  EXPECT_EQ(check("checkpoint = \"m\"\ntrain_batch_size = 4\nper_device_train_batch_size = 4").problems,
            "f.toml:2:1: \"train_batch_size\" is another name of \"per_device_train_batch_size\", and [training] has both\n    keep one of them\n");
}

TEST(CheckedOptions, ScalarMeansEachOptionOfATable) {
  EXPECT_EQ(to_toml(*check("checkpoint = \"m\"\nlimit = 5").value.find("limit")), "{ train = 5, test = 5 }");
  EXPECT_EQ(check("checkpoint = \"m\"\nlimit = 0").problems,
            "f.toml:2:1: training.limit.train is 0, it must be at least 1\nf.toml:2:1: training.limit.test is 0, it must be at least 1\n");
}

TEST(CheckedOptions, NamesTheOptionThatWasMeant) {
  EXPECT_EQ(check("checkpoint = \"m\"\nwarmup_step = 3").problems,
            "f.toml:2:1: [training] has no option \"warmup_step\"\n    did you mean \"warmup_steps\"?\n");
  EXPECT_EQ(check("checkpoint = \"m\"\nlora = { R = 3 }").problems,
            "f.toml:2:10: [training.lora] has no option \"R\"\n    did you mean \"r\"?\n");
  EXPECT_EQ(check("checkpoint = \"m\"\nlora = { alpha = 3 }", "strategy \"lora\"").problems,
            "f.toml:2:10: lora of strategy \"lora\" has no option \"alpha\"\n    its options are \"r\", \"lora_dropout\"\n");
}

TEST(CheckedOptions, SaysWhereAllOptionsAre) {
  Problems problems;
  checked(example_schema(), parse_toml("checkpoint = \"m\"\nwarmup_step = 1\nzzzzzzzzz = 2"), "[training]", problems, "all options: temper plugins x");
  ASSERT_EQ(problems.all().size(), 2u);
  EXPECT_EQ(problems.all()[0].remedy, "did you mean \"warmup_steps\"? all options: temper plugins x");
  EXPECT_EQ(problems.all()[1].remedy, "all options: temper plugins x");
}

TEST(CheckedOptions, NamesBounds) {
  const std::string m = "checkpoint = \"m\"\n";
  EXPECT_EQ(check(m + "lora = { r = 0 }").problems, "f.toml:2:10: training.lora.r is 0, it must be at least 1\n");
  EXPECT_EQ(check(m + "lora = { r = 0 }", "strategy \"lora\"").problems, "f.toml:2:10: lora.r is 0, it must be at least 1\n");
  EXPECT_EQ(check(m + "lora.lora_dropout = 1").problems, "f.toml:2:6: training.lora.lora_dropout is 1, it must be at least 0 and below 1\n");
  EXPECT_EQ(check(m + "learning_rate = nan").problems, "f.toml:2:1: training.learning_rate is nan, it must be at least 0\n");
  EXPECT_EQ(check(m + "learning_rate = inf").problems, "f.toml:2:1: training.learning_rate is inf, it must be finite\n");
  EXPECT_EQ(check(m + "validation = 1.0").problems, "f.toml:2:1: training.validation is 1.0, it must be above 0 and below 1\n");
  EXPECT_EQ(check(m + "grid = [[1], [2, -1]]").problems, "f.toml:2:18: training.grid[1][1] is -1, it must be at least 0\n");
}

TEST(CheckedOptions, NamesTypes) {
  const std::string m = "checkpoint = \"m\"\n";
  EXPECT_EQ(check(m + "learning_rate = \"fast\"").problems, "f.toml:2:1: training.learning_rate is \"fast\", it must be a number\n");
  EXPECT_EQ(check(m + "warmup_steps = 1.5").problems, "f.toml:2:1: training.warmup_steps is 1.5, it must be an integer\n");
  EXPECT_EQ(check(m + "bf16 = 1").problems, "f.toml:2:1: training.bf16 is 1, it must be true or false\n");
  EXPECT_EQ(check(m + "lora = true").problems, "f.toml:2:1: training.lora is true, it must be a table\n");
  EXPECT_EQ(check(m + "target_modules = \"c_attn\"").problems,
            "f.toml:2:1: training.target_modules is \"c_attn\", it must be an array\n    write [\"c_attn\"]\n");
  EXPECT_EQ(check(m + "labels = { a = 1 }").problems, "f.toml:2:12: training.labels.a is 1, it must be a string\n");
  EXPECT_EQ(check(m + "validation = true").problems, "f.toml:2:1: training.validation is true, it must be a path, which is a string, or a number\n");
  EXPECT_EQ(check(m + "retriever = \"bm25\"").problems,
            "f.toml:2:1: training.retriever is \"bm25\", it must be a table with the key \"plugin\"\n    write { plugin = \"bm25\" }\n");
  EXPECT_EQ(check(m + "retriever = { k1 = 1 }").problems, "f.toml:2:1: training.retriever lacks the key \"plugin\"\n    write { plugin = \"...\" }\n");
}

TEST(CheckedOptions, SendsAnArrayForAScalarToTheSweep) {
  EXPECT_EQ(check("checkpoint = \"m\"\nlearning_rate = [1e-5, 3e-5]").problems,
            "f.toml:2:1: training.learning_rate is an array, it must be a number\n    to try several values, put them into [sweep]\n");
}

TEST(CheckedOptions, NamesChoices) {
  EXPECT_EQ(check("checkpoint = \"m\"\nkeep = \"bets\"").problems,
            "f.toml:2:1: training.keep is \"bets\", it must be one of \"last\", \"best\"\n    did you mean \"best\"?\n");
}

TEST(CheckedOptions, NamesWhatIsRequired) {
  EXPECT_EQ(check("").problems, "f.toml:1:1: [training] needs the option \"checkpoint\"\n    add checkpoint = \"...\"  # A folder.\n");
}

TEST(CheckedOptions, FindsEveryProblemAtOnce) {
  const Checked result = check("keep = 3\nbf16 = 1\nwarmup_step = 2\nlora = { r = 0, q = 1 }\n");
  EXPECT_EQ(std::count(result.problems.begin(), result.problems.end(), '\n'), 9);  // six problems, three of them with a remedy
}

TEST(CheckedOptions, TakesNullAsAbsent) {
  Problems problems;
  const Value value = checked(example_schema(), parse_json(R"({"checkpoint": "m", "warmup_steps": null, "max_steps": null})"), "config.json", problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(value.find("warmup_steps")->as_integer(), 0);
  EXPECT_EQ(value.find("max_steps"), nullptr);
}

TEST(CheckedOptions, SaysWhoseOptionItIsWhereThereIsNoPlace) {
  Problems problems;
  Value table = Value::Table();
  table.set("checkpoint", "m").place = {};
  table.set("batch_size", 0);
  checked(example_schema(), table, "metric recall_at_k", problems);
  ASSERT_EQ(problems.all().size(), 1u);
  EXPECT_EQ(describe(problems.all()[0]), "metric recall_at_k: batch_size is 0, it must be at least 1");
}

TEST(FilledOptions, HoldWhatTheTableSays) {
  OptionsOf<Example> options;
  fill(options, check("checkpoint = \"m\"\nbatch_size = 3\nmax_steps = 9\nvalidation = \"v.csv\"\ngrid = [[1, 2], []]\nlabels = { a = \"b\" }\n"
                      "lora = { r = 4 }\nlimit = { train = 2 }\nretriever = { plugin = \"bm25\", k1 = 1.2 }").value);
  EXPECT_EQ(options.value.batch_size, 3);
  EXPECT_EQ(options.value.max_steps, 9);
  EXPECT_EQ(std::get<std::filesystem::path>(*options.value.validation), "v.csv");
  EXPECT_EQ(options.value.grid, (std::vector<std::vector<int>>{{1, 2}, {}}));
  EXPECT_EQ(options.value.labels.at("a"), "b");
  EXPECT_EQ(options.value.lora.r, 4);
  EXPECT_EQ(options.value.limit.train, 2);
  EXPECT_FALSE(options.value.limit.test);
  EXPECT_EQ(options.value.retriever.plugin, "bm25");
  EXPECT_EQ(to_toml(options.value.retriever.options), "{ k1 = 1.2 }");
}

TEST(FilledOptions, AreWrittenBackAsTheyAre) {
  OptionsOf<Example> options;
  const Value value = check("checkpoint = \"m\"\nvalidation = 0.25\nretriever = { plugin = \"bm25\", k1 = 1.2 }").value;
  fill(options, value);
  EXPECT_EQ(to_toml(written(options)), to_toml(value));
}

TEST(FilledOptions, ReportAllValuesThatDoNotFit) {
  OptionsOf<Example> options;
  try {
    fill(options, parse_toml("batch_size = 3000000000\nlora = { r = \"x\" }\nunknown = 1", "f.toml"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "f.toml:1:1: batch_size: 3000000000 does not fit into 32 bits\nf.toml:2:10: lora.r: found a string, wanted an integer");
  }
}

TEST(DidYouMean, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(did_you_mean("accurracy", {"f1", "accuracy"}), "did you mean \"accuracy\"?");
  EXPECT_EQ(did_you_mean("Accuracy", {"accuracy"}), "did you mean \"accuracy\"?");
  EXPECT_EQ(did_you_mean("zebra", {"f1", "accuracy"}), "");
  EXPECT_EQ(did_you_mean("abc", {"xbz"}), "");
  EXPECT_EQ(did_you_mean("", {"a"}), "");
}

TEST(DidYouMean, KnowsAPartOfAName) {
  EXPECT_EQ(did_you_mean("warmup", {"keep", "warmup_steps"}), "did you mean \"warmup_steps\"?");
  EXPECT_EQ(did_you_mean("per_device_batch_size", {"keep", "batch_size"}), "did you mean \"batch_size\"?");
}

}  // namespace
}  // namespace temper
