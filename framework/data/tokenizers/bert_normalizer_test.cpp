// BERT's normalisation in one pass against the same in steps.
#include "data/tokenizers/bert_normalizer.h"

#include <gtest/gtest.h>

#include <random>

namespace temper::data::tokenizers {
namespace {

std::string random_text(std::mt19937& random) {
  std::string text;
  for (int i = 0; i < 30; ++i) {
    static const std::vector<std::pair<char32_t, char32_t>> kRanges = {{0, 0x7F}, {0, 0x7F}, {0x80, 0x24F}, {0x300, 0x36F}, {0x370, 0x5FF}, {0x900, 0xFFF}, {0x1E00, 0x20FF}, {0x3000, 0x30FF},
                                                                       {0x4E00, 0x4E20}, {0xAC00, 0xAC20}, {0xF900, 0xFAFF}, {0xFFF0, 0xFFFD}, {0x10400, 0x10430}, {0x1D160, 0x1D170}, {0x1F600, 0x1F610}};
    const auto& [first, last] = kRanges[random() % kRanges.size()];
    append_utf8(first + random() % (last - first + 1), text);
  }
  return text;
}

TEST(BertNormalizer, OnePassGivesWhatTheStepsGive) {
  std::mt19937 random(7);
  for (int round = 0; round < 4000; ++round) {
    BertNormalization options;
    options.handle_chinese_chars = random() % 4 != 0;
    options.strip_accents = random() % 2 == 0;
    options.lowercase = random() % 2 == 0;
    const BertNormalizer normalizer(options);
    const std::string source = random_text(random);
    AlignedText quick(source, 3), plain(source, 3);
    normalizer.apply(quick);
    normalizer.apply_in_steps(plain);
    ASSERT_EQ(quick.text(), plain.text()) << source;
    for (std::uint32_t i = 0; i < quick.text().size(); ++i) ASSERT_EQ(quick.place(i), plain.place(i)) << source << " byte " << i;
  }
}

TEST(BertNormalizer, CleansSpacesOutStripsAndLowers) {
  AlignedText text("A\u200Db\t\u00C9\u4E00", 0);
  BertNormalizer(BertNormalization{}).apply(text);
  EXPECT_EQ(text.text(), "ab e \u4E00 ");
}

}  // namespace
}  // namespace temper::data::tokenizers
