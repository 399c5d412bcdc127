// Templates: fields, literal braces, and every way to write them wrong.
#include <temper/prompt.h>

#include <gtest/gtest.h>

#include "support/message_of.h"

namespace temper {
namespace {

using testing::message_of;

Item make_item() {
  Item item;
  item.id = "7";
  item.fields.set("text", std::string("so {sad}"));
  item.fields.set("title", std::string("T"));
  item.fields.set("tokens", std::vector<std::string>{"a", "b"});
  item.fields.set("input_ids", std::vector<std::int64_t>{1});
  return item;
}

TEST(Template, PutsFieldsBetweenItsLiterals) {
  EXPECT_EQ(Template("{title}: {text}\nSentiment:").render(make_item()), "T: so {sad}\nSentiment:");
  EXPECT_EQ(Template("{text}").render(make_item()), "so {sad}");
  EXPECT_EQ(Template("no field").render(make_item()), "no field");
  EXPECT_EQ(Template("").render(make_item()), "");
}

TEST(Template, NamesItsFieldsInOrder) { EXPECT_EQ(Template("{b} {a} {b}").fields(), (std::vector<std::string>{"b", "a", "b"})); }

TEST(Template, DoublesLiteralBraces) { EXPECT_EQ(Template("{{{title}}} {{x}}").render(make_item()), "{T} {x}"); }

TEST(Template, JoinsTokensByBlanks) { EXPECT_EQ(Template("<{tokens}>").render(make_item()), "<a b>"); }

TEST(Template, TellsWhereABraceIsWrong) {
  const std::string remedy = "\n    a field is written {name}, a literal brace is doubled: {{ or }}";
  EXPECT_EQ(message_of([] { Template("a {text"); }), "template \"a {text\", character 3: a brace that is never closed" + remedy);
  EXPECT_EQ(message_of([] { Template("{a{b}"); }), "template \"{a{b}\", character 1: a brace that is never closed" + remedy);
  EXPECT_EQ(message_of([] { Template("a} b"); }), "template \"a} b\", character 2: a closing brace without an opening one" + remedy);
  EXPECT_EQ(message_of([] { Template("{}"); }), "template \"{}\", character 1: braces without a field's name" + remedy);
}

TEST(Template, TellsWhichFieldAnItemLacks) {
  EXPECT_EQ(message_of([] { Template("{txet}").render(make_item()); }),
            "item \"7\" has no field \"txet\", which the template names\n    did you mean \"text\"? its fields: text, title, tokens, input_ids");
}

TEST(Template, TakesNoTokenIds) {
  EXPECT_EQ(message_of([] { Template("{input_ids}").render(make_item()); }), "item \"7\": field \"input_ids\" holds token ids, a template takes text");
}

}  // namespace
}  // namespace temper
