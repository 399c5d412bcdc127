// Texts that were damaged at random: reading one gives a value or an Error, and what was read can be written and read again.
#include <temper/value.h>

#include <gtest/gtest.h>

#include <random>

namespace temper {
namespace {

const std::string kToml = R"(name = "tweets" # a comment
seeds = [1, 2, 3]
"odd key".'x y' = -1.5e-3
text = """multi
line \u00e4"""
[dataset]
limit = { train = 1_000, test = 0x1F }
[[strategy]]
lora = { r = [4, 16] }
[[strategy]]
nothing = [inf, nan, true, '''raw''']
)";

const std::string kJson = R"({"a": [1, -2.5e-3, "x\u00e4\n\ud83d\ude00", true, null], "b": {"c": {}, "d": [[[]]]}, "e": 18446744073709551616})";

std::string damaged(std::string text, std::mt19937& random) {
  const auto below = [&](std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random); };
  for (std::size_t times = 1 + below(4); times > 0 && !text.empty(); --times) {
    const std::size_t at = below(text.size());
    switch (below(4)) {
      case 0: text[at] = static_cast<char>(below(256)); break;
      case 1: text.erase(at, 1 + below(8)); break;
      case 2: text.insert(at, text.substr(below(text.size()), below(12))); break;
      default: text.resize(at);
    }
  }
  return text;
}

template <class Read, class Write>
void expect_value_or_error(const std::string& whole, Read read, Write write) {
  std::mt19937 random(7);
  int values = 0, errors = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string text = damaged(whole, random);
    Value value;
    try {
      value = read(text);
    } catch (const Error&) {
      ++errors;
      continue;
    }
    ++values;
    EXPECT_EQ(write(read(write(value))), write(value)) << text;  // a TOML file puts scalars before tables, so the values may differ in order
  }
  EXPECT_GT(values, 50);
  EXPECT_GT(errors, 50);
}

TEST(DamagedText, TomlIsAValueOrAnError) {
  expect_value_or_error(kToml, [](const std::string& text) { return parse_toml(text, "f.toml"); }, to_toml_document);
}

TEST(DamagedText, JsonIsAValueOrAnError) {
  expect_value_or_error(kJson, [](const std::string& text) { return parse_json(text, "f.json"); }, to_json);
}

}  // namespace
}  // namespace temper
