// Fields by name, and targets as text.
#include <temper/item.h>

#include <gtest/gtest.h>

#include <cmath>

namespace temper {
namespace {

TEST(Fields, KeepTheirOrderAndReplaceByName) {
  Fields fields;
  fields.set("text", std::string("one"));
  fields.set("title", std::string("two"));
  fields.set("text", std::string("three"));
  ASSERT_EQ(fields.all().size(), 2u);
  EXPECT_EQ(fields.all()[0].first, "text");
  EXPECT_EQ(*fields.text("text"), "three");
}

TEST(Fields, GiveNothingForAnotherNameOrAnotherKind) {
  Fields fields;
  fields.set("input_ids", std::vector<std::int64_t>{5, 6});
  EXPECT_EQ(fields.find("text"), nullptr);
  EXPECT_EQ(fields.text("input_ids"), nullptr);
  EXPECT_EQ(*fields.ids("input_ids"), (std::vector<std::int64_t>{5, 6}));
}

TEST(TargetText, IsTheNameTheTextOrTheShortestNumber) {
  EXPECT_EQ(to_string(Target(Label{"positive"})), "positive");
  EXPECT_EQ(to_string(Target(Text{"a \"quoted\" text"})), "a \"quoted\" text");
  EXPECT_EQ(to_string(Target(Score{0.1})), "0.1");
  EXPECT_EQ(to_string(Target(Score{3})), "3");
  EXPECT_EQ(to_string(Target(Score{std::nan("")})), "nan");
}

TEST(TargetText, IsJsonForWhatHasSeveralParts) {
  EXPECT_EQ(to_string(Target(Labels{{"a", "b"}})), "[\"a\", \"b\"]");
  EXPECT_EQ(to_string(Target(Tags{{"O", "B-x"}})), "[\"O\", \"B-x\"]");
  EXPECT_EQ(to_string(Target(Spans{{{0, 3, "the"}}})), "[{\"begin\": 0, \"end\": 3, \"text\": \"the\"}]");
  EXPECT_EQ(to_string(Target(Spans{})), "[]");
}

}  // namespace
}  // namespace temper
