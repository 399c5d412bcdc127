// What is written: comments that cannot break the file, shares and limits by size.
#include "study/suggest_experiment.h"

#include <gtest/gtest.h>

#include "support/message_of.h"

namespace temper::study {
namespace {

DataLook made(int rows, std::int64_t of = 0) {
  DataLook look;
  look.file = "/data/my reviews.csv";
  look.plugin = "csv";
  look.rows = of ? of : rows;
  look.columns = {{"text", {}}, {"label", {}}};
  for (int row = 0; row < rows; ++row) {
    look.columns[0].values.push_back("a text of its own, number " + std::to_string(row));
    look.columns[1].values.push_back(row % 2 ? "good" : "bad");
  }
  return look;
}

std::string suggested(const DataLook& look, ExperimentWish wish = {}) {
  if (wish.name.empty()) wish.name = "my_reviews";
  if (wish.output.empty()) wish.output = "/data/my_reviews.toml";
  return suggest_experiment(look, guess_columns(look), wish);
}

Value parsed(const std::string& text) { return parse_toml(text, "suggested.toml"); }

TEST(SuggestExperiment, NamesColumnsSharesAndTwoStrategiesWithAxes) {
  const Value document = parsed(suggested(made(300)));
  EXPECT_EQ(document.find("name")->as_string(), "my_reviews");
  EXPECT_EQ(document.find_path("dataset.train")->as_string(), "my reviews.csv");
  EXPECT_EQ(document.find_path("dataset.test")->as_number(), 0.2);
  EXPECT_EQ(document.find_path("dataset.label")->as_string(), "label");
  EXPECT_FALSE(document.find_path("dataset.limit"));
  EXPECT_FALSE(document.find_path("dataset.on_bad_row"));
  EXPECT_FALSE(document.find("model"));
  const Value::Array& strategies = document.find("strategy")->as_array();
  ASSERT_EQ(strategies.size(), 2u);
  EXPECT_EQ(strategies[0].find("C")->as_array().size(), 3u);
  EXPECT_EQ(strategies[1].find("k")->as_array().size(), 3u);
}

TEST(SuggestExperiment, LimitsLargeFilesAndDropsWhatItHasNotSeen) {
  const Value document = parsed(suggested(made(100, 1000000)));
  EXPECT_EQ(document.find_path("dataset.validation")->as_number(), 0.1);
  EXPECT_EQ(document.find_path("dataset.limit.train")->as_integer(), 10000);
  EXPECT_EQ(document.find_path("dataset.on_bad_row")->as_string(), "drop");
}

TEST(SuggestExperiment, TakesATestFileAndAModel) {
  ExperimentWish wish;
  wish.test = "/elsewhere/test.csv";
  wish.model = "someone/model";
  wish.model_bytes = 1000;
  wish.has_lora = true;
  const Value document = parsed(suggested(made(300), wish));
  EXPECT_EQ(document.find_path("dataset.test")->as_string(), "/elsewhere/test.csv");
  EXPECT_EQ(document.find_path("model.checkpoint")->as_string(), "someone/model");
  EXPECT_EQ(document.find_path("sweep.learning_rate")->as_array().size(), 2u);
  EXPECT_EQ(document.find("strategy")->as_array()[0].find("tune")->as_string(), "lora");
  wish.model_bytes = std::uintmax_t{1} << 31;
  EXPECT_EQ(parsed(suggested(made(300), wish)).find("strategy")->as_array()[0].find("tune")->as_string(), "head");
}

TEST(SuggestExperiment, StaysTomlWhateverTheDataHold) {
  DataLook look = made(40);
  const std::string nasty = "a \"quote\"\nname = 'x' # \x01\x7f \\ {brace} \xE2\x80\xA8 and much, much, much more of it";
  look.file = "/data/it's \"mine\".csv";
  look.columns[0].name = "text \"a\"\n# b";
  look.columns.push_back({"left\nout", std::vector<std::string>(40, "same")});
  for (int row = 0; row < 40; row += 2) look.columns[1].values[static_cast<std::size_t>(row)] = nasty.substr(0, 50);
  look.bad_rows = 1;
  look.bad_places = {"line 3\nname = \"evil\""};
  const Value document = parsed(suggested(look));
  EXPECT_EQ(document.find("name")->as_string(), "my_reviews");
  EXPECT_EQ(document.find_path("dataset.text")->as_string(), "text \"a\"\n# b");
  EXPECT_EQ(document.find_path("dataset.train")->as_string(), "it's \"mine\".csv");
}

TEST(SuggestExperiment, TellsOfEmptyRepeatedRareAndAlike) {
  DataLook look = made(40);
  look.columns[0].values[0] = "";
  look.columns[0].values[3] = look.columns[0].values[2];
  look.columns[1].values[5] = "Good ";
  look.columns[1].values[7] = "";
  const std::string text = suggested(look);
  for (const char* told : {"1 row with an empty text", "1 row repeats the text of an earlier one", "fewer than 5 rows, too few to learn or to test: \"Good \"", "\"good\", \"Good \"", "1 row without a label, left out"})
    EXPECT_NE(text.find(told), std::string::npos) << told << '\n' << text;
  EXPECT_EQ(parsed(text).find_path("dataset.on_bad_row")->as_string(), "drop");
}

TEST(SuggestExperiment, TheHiddenPartIsTomlToo) {
  std::string text = suggested(made(40));
  const std::size_t begin = text.find("# [model]");
  ASSERT_NE(begin, std::string::npos);
  std::string hidden = text.substr(begin);
  for (std::size_t at = 0; (at = hidden.find("# ", at)) != std::string::npos && (at == 0 || hidden[at - 1] == '\n');) hidden.erase(at, 2);
  EXPECT_EQ(parsed(hidden).find_path("training.batch_size")->as_integer(), 16) << hidden;
}

TEST(SuggestExperiment, AsksForAFewRows) {
  EXPECT_EQ(testing::message_of([] { suggested(made(8)); }), "/data/my reviews.csv: holds 8 rows with a label; an experiment needs 10 rows at least, to set some aside");
}

TEST(SuggestExperiment, MakesANameOfAFileName) {
  EXPECT_EQ(study_name_of("/data/My reviews (new).csv"), "My_reviews_new");
  EXPECT_EQ(study_name_of("..tsv"), "experiment");
  EXPECT_EQ(study_name_of(".csv"), "csv");
}

}  // namespace
}  // namespace temper::study
