// Damaged files of every format are an Error, or read as what they now are: never a crash. Beyond these few, see README.md.
#include <gtest/gtest.h>

#include "fuzz/mutate.h"
#include "fuzz/readers.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

class Mutations : public ::testing::TestWithParam<FuzzReader> {};

TEST_P(Mutations, AreErrorsAndNoCrashes) {
  const std::vector<std::string> seeds = GetParam().seeds();
  const TemporaryFolder folder;
  for (const std::string& seed : seeds) EXPECT_TRUE(GetParam().read(folder.path(), seed)) << seed;
  std::mt19937_64 random(20240711);
  for (int i = 0; i < 400; ++i) {
    const std::string bytes = mutate(seeds[random() % seeds.size()], seeds, random);
    EXPECT_NO_THROW(GetParam().read(folder.path(), bytes)) << "mutation " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Readers, Mutations, ::testing::ValuesIn(fuzz_readers()), [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace temper::testing
