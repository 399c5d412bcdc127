// Texts of tokens behind other tokens, and texts that end them.
#include "study/written_text.h"

#include <gtest/gtest.h>

#include "support/message_of.h"

namespace temper::study {
namespace {

// A token is a byte. Like sentencepiece's decoders, it drops the blank that a text begins with.
class Bytes final : public Tokenizer {
 public:
  Encoding encode(std::string_view text, const EncodeOptions&) const override {
    Encoding encoding;
    for (const char c : text) encoding.ids.push_back(static_cast<unsigned char>(c));
    return encoding;
  }
  Encoding encode_pair(std::string_view, std::string_view, const EncodeOptions&) const override { return {}; }
  std::string decode(std::span<const std::int32_t> ids, bool) const override {
    std::string text;
    for (const std::int32_t id : ids) {
      if (id < 256) text += static_cast<char>(id);
    }
    return text.starts_with(' ') ? text.substr(1) : text;
  }
  std::int64_t vocabulary_size() const override { return 257; }
  std::optional<std::int32_t> id_of(std::string_view) const override { return {}; }
  std::string token_of(std::int32_t) const override { return {}; }
  SpecialIds special_ids() const override { return {}; }
};

std::vector<std::int32_t> ids(const std::string& text) { return Bytes().encode(text, {}).ids; }
bool ends(const std::vector<std::string>& stops, const std::string& text) { return StopStrings(stops).end(Bytes(), ids(text)); }

TEST(ContinuationText, KeepsTheBlankThatPartsItFromItsContext) {
  EXPECT_EQ(continuation_text(Bytes(), ids("Mood:"), ids(" good")), " good");
  EXPECT_EQ(continuation_text(Bytes(), ids("a long text before that ends here"), ids(" good")), " good");
  EXPECT_EQ(continuation_text(Bytes(), {}, ids(" good")), "good");  // a text's own start
  EXPECT_EQ(continuation_text(Bytes(), std::vector<std::int32_t>{256}, ids("good")), "good");
}

TEST(WithoutBlank, TakesOneAway) {
  EXPECT_EQ(without_blank(" good "), "good ");
  EXPECT_EQ(without_blank("  good"), " good");
  EXPECT_EQ(without_blank(""), "");
}

TEST(StopStrings, AreFoundWhereTheFirstBegins) {
  const StopStrings stops({"\n\n", "Day:"});
  EXPECT_EQ(stops.find("fine\n\nDay: x"), 4u);
  EXPECT_EQ(stops.find("Day: x"), 0u);
  EXPECT_EQ(stops.find("fine\n"), std::string::npos);
  EXPECT_EQ(StopStrings({" "}).find(" one two"), 4u);  // the blank before the answer is none
  EXPECT_EQ(StopStrings({}).find("text"), std::string::npos);
  EXPECT_NE(testing::message_of([] { StopStrings({"a", ""}); }).find("empty text"), std::string::npos);
}

TEST(StopStrings, AreSeenWhenTheirLastTokenComes) {
  EXPECT_FALSE(ends({"\n\n"}, "fine\n"));
  EXPECT_TRUE(ends({"\n\n"}, "fine\n\n"));
  EXPECT_TRUE(ends({"\n\n"}, "\n\n"));
  EXPECT_FALSE(ends({" "}, " one"));
  EXPECT_TRUE(ends({" "}, " one "));
  EXPECT_TRUE(ends({" end"}, "a long text and its end"));
  EXPECT_FALSE(ends({}, "text"));
  EXPECT_FALSE(StopStrings({"\n"}).end(Bytes(), ids("\n fine"), "\n"));  // the prompt's own, which the answer repeats
  EXPECT_TRUE(StopStrings({"\n"}).end(Bytes(), ids("\n fine\n"), "\n"));
}

}  // namespace
}  // namespace temper::study
