// Where a text stops being UTF-8.
#include <temper/utf8.h>

#include <gtest/gtest.h>

#include <string>

namespace temper {
namespace {

TEST(Utf8, ValidTextIsWhole) {
  for (const std::string text : {"", "plain", "caf\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80 smile", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_EQ(valid_utf8_prefix(text), text.size()) << text;
}

TEST(Utf8, InvalidBytesEndThePrefix) {
  const std::string front = "ok \xC3\xA9 ";
  // A lone continuation, a cut sequence, an overlong form, a surrogate, beyond U+10FFFF, never used bytes.
  for (const std::string bad : {"\x80", "\xC3", "\xC3(", "\xE2\x82", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_EQ(valid_utf8_prefix(front + bad), front.size());
    EXPECT_EQ(valid_utf8_prefix(front + bad + " and more text behind it, longer than a vector register of 64 bytes is"), front.size());
  }
}

}  // namespace
}  // namespace temper
