// Which tokens a masked model is asked for: shares by the binomial law over tens of thousands of tokens, and nothing but them changed.
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "training/objectives.h"

namespace temper::training {
namespace {

constexpr std::int32_t kMask = 4, kFirstWord = 5;
constexpr std::int64_t kVocabulary = 400;
constexpr std::size_t kItems = 300, kTokens = 102;  // with a special token at either end

std::vector<Example> texts() {
  std::vector<Example> examples(kItems);
  for (std::size_t i = 0; i < kItems; ++i) {
    examples[i].key = 1 + i * 7919;
    for (std::size_t t = 0; t < kTokens; ++t) {
      const bool is_special = t == 0 || t + 1 == kTokens || t == 50;
      examples[i].ids.push_back(is_special ? (t == 0 ? 2 : 3) : kFirstWord + static_cast<std::int32_t>((i * 31 + t * 17) % (kVocabulary - kFirstWord)));
      examples[i].labels.push_back(is_special ? kIgnored : examples[i].ids.back());
    }
  }
  return examples;
}

// Within five standard deviations of the binomial: one in 1.7 million draws is further off.
void expect_share(std::int64_t found, std::int64_t of, double share, const char* what) {
  const double n = static_cast<double>(of);
  EXPECT_LT(std::abs(static_cast<double>(found) - n * share), 5 * std::sqrt(n * share * (1 - share))) << what << ": " << found << " of " << of;
}

TEST(MaskedLanguageModeling, ChoosesFifteenInAHundredTokensOfWhichEightInTenBecomeTheMask) {
  const MaskedLanguageModeling objective(kMask, kVocabulary);
  std::int64_t words = 0, chosen = 0, masked = 0, kept = 0, random = 0;
  std::set<std::int32_t> drawn_words;
  for (const Example& example : texts()) {
    for (const std::int64_t epoch : {0, 1}) {
      const Example drawn = objective.drawn(example, 42, epoch);
      ASSERT_EQ(drawn.ids.size(), kTokens);
      ASSERT_EQ(drawn.labels.size(), kTokens);
      for (std::size_t t = 0; t < kTokens; ++t) {
        if (example.labels[t] == kIgnored) {
          EXPECT_EQ(drawn.labels[t], kIgnored) << "a special token is asked for";
          EXPECT_EQ(drawn.ids[t], example.ids[t]) << "a special token was replaced";
          continue;
        }
        ++words;
        if (drawn.labels[t] == kIgnored) {
          EXPECT_EQ(drawn.ids[t], example.ids[t]) << "a token that is not asked for was replaced";
          continue;
        }
        EXPECT_EQ(drawn.labels[t], example.ids[t]);
        ++chosen;
        if (drawn.ids[t] == kMask) ++masked;
        else if (drawn.ids[t] == example.ids[t]) ++kept;
        else ++random;
        if (drawn.ids[t] != kMask && drawn.ids[t] != example.ids[t]) drawn_words.insert(drawn.ids[t]);
        EXPECT_GE(drawn.ids[t], 0);
        EXPECT_LT(drawn.ids[t], kVocabulary);
      }
    }
  }
  ASSERT_EQ(words, static_cast<std::int64_t>(kItems * (kTokens - 3) * 2));
  const double luck = 0.1 / kVocabulary;  // a random token may be the mask, or the token that stood there
  expect_share(chosen, words, 0.15, "chosen");
  expect_share(masked, chosen, 0.8 + luck, "masked");
  expect_share(kept, chosen, 0.1 + luck, "kept");
  expect_share(random, chosen, 0.1 - 2 * luck, "random");
  EXPECT_GT(drawn_words.size(), 300u);  // of 400, in about 890 draws
}

TEST(MaskedLanguageModeling, ChoosesEveryPlaceAlikeAndAnewInEachEpoch) {
  const MaskedLanguageModeling objective(kMask, kVocabulary);
  const Example example = texts()[7];
  constexpr std::int64_t kEpochs = 3000;
  std::vector<std::int64_t> times(kTokens, 0);
  std::int64_t both = 0;  // two neighbours
  for (std::int64_t epoch = 0; epoch < kEpochs; ++epoch) {
    const Example drawn = objective.drawn(example, 3, epoch);
    for (std::size_t t = 0; t < kTokens; ++t) times[t] += drawn.labels[t] != kIgnored;
    both += drawn.labels[10] != kIgnored && drawn.labels[11] != kIgnored;
  }
  for (std::size_t t = 0; t < kTokens; ++t) {
    if (example.labels[t] == kIgnored) EXPECT_EQ(times[t], 0);
    else expect_share(times[t], kEpochs, 0.15, "epochs that choose a place");
  }
  expect_share(both, kEpochs, 0.15 * 0.15, "epochs that choose two neighbours");
}

TEST(MaskedLanguageModeling, DrawsAPureFunctionOfSeedEpochAndItem) {
  const MaskedLanguageModeling objective(kMask, kVocabulary);
  const std::vector<Example> examples = texts();
  const Example first = objective.drawn(examples[0], 1, 0);
  EXPECT_EQ(objective.drawn(examples[0], 1, 0).ids, first.ids);
  EXPECT_NE(objective.drawn(examples[0], 1, 1).labels, first.labels);
  EXPECT_NE(objective.drawn(examples[0], 2, 0).labels, first.labels);
  Example other = examples[0];
  other.key = examples[1].key;
  EXPECT_NE(objective.drawn(other, 1, 0).labels, first.labels);
}

}  // namespace
}  // namespace temper::training
