// Declared options on a command line: their names, their checks, and how they are handed on.
#include "cli/declared_options.h"

#include <gtest/gtest.h>

#include <temper/generation_options.h>

#include "support/message_of.h"

namespace temper::cli {
namespace {

struct Parsed {
  GenerationOptions options;
  std::vector<std::string> arguments;
};

Parsed parse(const std::vector<std::string>& arguments) {
  OptionsOf<GenerationOptions> options;
  DeclaredOptions declared(options);
  CommandLine line("verb", "");
  declared.declare(line);
  line.parse(arguments);
  declared.read("temper verb");
  return {options.value, declared.arguments()};
}

TEST(DeclaredOptions, AreReadByTheirNamesWithDashes) {
  const Parsed parsed = parse({"--max-new-tokens", "7", "--do-sample", "--temperature=0.5", "--stop-strings", "\n\n", "--stop-strings", "Q:"});
  EXPECT_EQ(parsed.options.max_new_tokens, 7);
  EXPECT_TRUE(parsed.options.do_sample);
  EXPECT_EQ(parsed.options.temperature, 0.5);
  EXPECT_EQ(parsed.options.stop_strings.value(), (std::vector<std::string>{"\n\n", "Q:"}));
  EXPECT_EQ(parsed.options.top_p, 1);
  EXPECT_FALSE(parse({}).options.stop_strings);
}

TEST(DeclaredOptions, AreCheckedAsInAnExperiment) {
  EXPECT_NE(testing::message_of([] { parse({"--max-new-tokens", "0"}); }).find("max_new_tokens is 0, it must be at least 1"), std::string::npos);
  EXPECT_NE(testing::message_of([] { parse({"--temperature", "warm"}); }).find("--temperature is \"warm\", it must be a number"), std::string::npos);
  EXPECT_NE(testing::message_of([] { parse({"--max-new-tokens", "7.5"}); }).find("must be an integer"), std::string::npos);
}

TEST(DeclaredOptions, AreHandedOnAsTheyWereGiven) {
  const Parsed parsed = parse({"--max-new-tokens", "7", "--do-sample", "--stop-strings=- a", "--min-p", "0.1"});
  const Parsed again = parse(parsed.arguments);
  EXPECT_EQ(again.arguments, parsed.arguments);
  EXPECT_EQ(again.options.stop_strings, parsed.options.stop_strings);
  EXPECT_EQ(again.options.max_new_tokens, 7);
  EXPECT_TRUE(parse({}).arguments.empty());
}

}  // namespace
}  // namespace temper::cli
