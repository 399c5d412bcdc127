// Tables as people have them, and which of their columns are text and label.
#include "study/guess_columns.h"

#include <gtest/gtest.h>

#include "support/message_of.h"

namespace temper::study {
namespace {

using testing::message_of;
using Texts = std::vector<std::string>;
using Maker = std::function<std::string(int row)>;

DataLook table(const std::vector<std::pair<std::string, Maker>>& columns, int rows = 40) {
  DataLook look;
  look.file = "my.csv";
  look.rows = rows;
  for (const auto& [name, make] : columns) {
    DataColumn& column = look.columns.emplace_back();
    column.name = name;
    for (int row = 0; row < rows; ++row) column.values.push_back(make(row));
  }
  return look;
}

Maker counting(const std::string& prefix = {}) { return [=](int row) { return prefix + std::to_string(row); }; }
Maker sentence(const std::string& about = "film") { return [=](int row) { return "what I think of " + about + " number " + std::to_string(row); }; }
Maker one_of(const Texts& values) { return [=](int row) { return values[static_cast<std::size_t>(row * 7 + row / 3) % values.size()]; }; }
std::string guessed(const DataLook& look) {
  const ColumnGuess guess = guess_columns(look);
  return guess.text + " -> " + guess.label;
}

TEST(GuessColumns, TakesWhatNamesSay) {
  EXPECT_EQ(guessed(table({{"text", sentence()}, {"label", one_of({"good", "bad"})}})), "text -> label");
  EXPECT_EQ(guessed(table({{"is_new", one_of({"0", "1"})}, {"reviewText", sentence()}, {"category", one_of({"a", "b", "c"})}, {"lang", one_of({"en", "de"})}})), "reviewText -> category");
  EXPECT_EQ(guessed(table({{"tweet", one_of({"so good", "so bad", "oh my", "well"})}, {"sentiment", one_of({"0", "1"})}})), "tweet -> sentiment");
}

TEST(GuessColumns, TakesWhatValuesLookLikeWhereNamesSayNothing) {
  EXPECT_EQ(guessed(table({{"a", counting()}, {"b", one_of({"x", "y"})}, {"c", sentence()}})), "c -> b");
  EXPECT_EQ(guessed(table({{"2", sentence()}, {"1", one_of({"0", "4"})}})), "2 -> 1");
}

TEST(GuessColumns, LeavesOutIdsDatesConstantsAndLists) {
  DataLook look = table({{"id", counting()}, {"when", [](int row) { return "2011-01-" + std::to_string(10 + row % 20) + " 12:" + std::to_string(10 + row); }}, {"source", one_of({"web"})},
                         {"words", counting("[1, ")}, {"nothing", one_of({""})}, {"textID", [](int row) { return "cb774db0d" + std::to_string(row); }}, {"text", sentence()}, {"label", one_of({"a", "b"})}});
  look.columns[3].is_nested = true;
  const ColumnGuess guess = guess_columns(look);
  EXPECT_EQ(guess.text, "text");
  EXPECT_EQ(guess.label, "label");
  std::string why;
  for (const auto& [name, reason] : guess.left_out) why += name + ": " + reason + "\n";
  EXPECT_EQ(why, "id: another short value in each row, as names of rows are\nwhen: numbers or dates\nsource: the same in every row\nwords: lists or objects\nnothing: empty\n"
                 "textID: another short value in each row, as names of rows are\n");
}

TEST(GuessColumns, NamesAlternativesAndReasons) {
  const ColumnGuess guess = guess_columns(table({{"text", sentence()}, {"notes", sentence("notes")}, {"label", one_of({"a", "b"})}, {"lang", one_of({"en", "de"})}}));
  EXPECT_EQ(guess.other_texts, Texts{"notes"});
  EXPECT_EQ(guess.other_labels, Texts{"lang"});
  EXPECT_EQ(guess.label_reason, "2 different short values, and its name says so");
  EXPECT_EQ(guess.text_reason, "40 different values in 40 rows, 7 words on average, and its name says so");
}

TEST(GuessColumns, PutsPairsIntoATemplate) {
  EXPECT_EQ(guess_columns(table({{"context", sentence("context")}, {"question", sentence("question")}, {"answer", one_of({"yes", "no"})}})).inputs, (Texts{"question", "context"}));
  EXPECT_EQ(guess_columns(table({{"premise", sentence("this")}, {"hypothesis", sentence("that")}, {"label", one_of({"0", "1", "2"})}})).inputs, (Texts{"premise", "hypothesis"}));
  const ColumnGuess titled = guess_columns(table({{"Title", [](int row) { return "A much longer title than text, which has the name " + std::to_string(row); }}, {"text", sentence("x")}, {"label", one_of({"0", "1"})}}));
  EXPECT_EQ(titled.inputs, (Texts{"Title", "text"}));
  EXPECT_EQ(titled.text, "text");  // {text} in the template would be another column otherwise
  // A part of the text says nothing beside it.
  EXPECT_EQ(guess_columns(table({{"title", [](int row) { return "film number " + std::to_string(row); }}, {"text", sentence()}, {"label", one_of({"0", "1"})}})).inputs, Texts{});
}

TEST(GuessColumns, TakesWhatTheUserSays) {
  const DataLook look = table({{"text", sentence()}, {"notes", sentence("notes")}, {"label", one_of({"a", "b"})}, {"lang", one_of({"en", "de"})}});
  const ColumnGuess guess = guess_columns(look, "notes", "lang");
  EXPECT_EQ(guess.text + guess.label, "noteslang");
  EXPECT_EQ(guess.text_reason, "as you said");
  EXPECT_EQ(message_of([&] { guess_columns(look, {}, "lable"); }), "my.csv: there is no column \"lable\" for the label\n    did you mean \"label\"? the columns are \"text\", \"notes\", \"label\", \"lang\"");
  EXPECT_EQ(message_of([&] { guess_columns(look, "lang", "lang"); }), "my.csv: text and label are the same column, \"lang\"");
}

TEST(GuessColumns, SaysWhyThereIsNoLabel) {
  EXPECT_EQ(message_of([] { guess_columns(table({{"text", sentence()}})); }),
            "my.csv: no column looks like a label, a short value that many rows share: \"text\" (40 different values in 40 rows)\n    name it: --label COLUMN; without labels there is nothing to classify");
  const std::string other = message_of([] { guess_columns(table({{"question", sentence()}, {"answer", sentence("because")}})); });
  EXPECT_NE(other.find("name it: --label COLUMN; or, for these are the columns of task = \"generation\", write [dataset] with plugin and train"), std::string::npos) << other;
  EXPECT_EQ(message_of([] { guess_columns(table({{"label", one_of({"a", "b"})}})); }),
            "my.csv: no column beside \"label\" looks like a text, several words that differ from row to row: \"label\" (2 different values in 40 rows)\n    name it: --text COLUMN");
  const DataLook look = table({{"text", sentence()}, {"one", one_of({"x"})}, {"score", [](int row) { return "0." + std::to_string(row + 10); }}, {"name", counting("n")}});
  EXPECT_EQ(message_of([&] { guess_columns(look, {}, "one"); }), "my.csv: the column \"one\" for the label holds \"x\" in every row, so there is nothing to learn\n    name another: --label COLUMN");
  EXPECT_NE(message_of([&] { guess_columns(look, {}, "score"); }).find("40 different numbers; that is a regression"), std::string::npos);
  EXPECT_NE(message_of([&] { guess_columns(look, {}, "name"); }).find("holds 40 different values in 40 rows; a label must be shared by several rows"), std::string::npos);
}

}  // namespace
}  // namespace temper::study
