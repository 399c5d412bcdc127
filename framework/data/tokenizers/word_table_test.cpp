// WordTable and WordCache: words of all sizes are told apart.
#include "data/tokenizers/word_table.h"

#include <gtest/gtest.h>

#include <string>

namespace temper::data::tokenizers {
namespace {

TEST(WordTable, TellsWordsOfAllSizesApart) {
  std::vector<std::string> words;
  for (std::size_t size = 1; size <= 20; ++size) {
    for (std::size_t changed = 0; changed < size; ++changed) {  // each differs from the others in one place
      std::string word(size, 'a');
      word[changed] = 'b';
      words.push_back(word);
    }
    words.emplace_back(size, '\0');
  }
  WordTable table;
  for (std::size_t i = 0; i < words.size(); ++i) table.set(words[i], static_cast<std::int32_t>(i));
  for (std::size_t i = 0; i < words.size(); ++i) EXPECT_EQ(table.find(words[i]), static_cast<std::int32_t>(i)) << i;
  EXPECT_EQ(table.find("aaa"), kNoId);
  EXPECT_EQ(table.find(std::string(30, 'a')), kNoId);
  EXPECT_EQ(table.find(""), kNoId);
  table.set(words[0], 77);
  EXPECT_EQ(table.find(words[0]), 77);
}

TEST(WordTable, IsEmptyAtFirst) { EXPECT_EQ(WordTable().find("a"), kNoId); }

TEST(Pool, LendsAsManyAsThereAreCallsAtOnce) {
  Pool<int> pool;
  int* first = nullptr;
  {
    Pool<int>::Loan a(pool), b(pool);
    EXPECT_NE(&*a, &*b);
    first = &*a;
  }
  Pool<int>::Loan again(pool);
  EXPECT_EQ(&*again, first);  // the last that was given back
}

}  // namespace
}  // namespace temper::data::tokenizers
