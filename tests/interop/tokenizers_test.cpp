// `temper tokenize` against the libraries whose files it reads, on tokenizers and texts drawn at random.
#include <gtest/gtest.h>

#include <cstdlib>

#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

void compare_with(const std::string& library, const std::string& script, const std::string& arguments) {
  const char* python = std::getenv("TEMPER_PYTHON");
  if (!python || run_shell(std::string(python) + " -c 'import " + library + "'").status != 0) {
    GTEST_SKIP() << "TEMPER_PYTHON names no python with " << library << " (scripts/setup --tests makes one)";
  }
  const TemporaryFolder folder;
  const ProgramResult result =
      run_shell("'" + std::string(python) + "' '" TEMPER_SOURCE_DIRECTORY "/tests/interop/tokenizers/" + script + "' '" + temper_program() + "' " + arguments, folder.path());
  EXPECT_EQ(result.status, 0) << result.out << result.err;
}

TEST(Tokenizers, GiveWhatTheLibraryGivesForOptionsDrawnAtRandom) { compare_with("tokenizers", "compare_tokenizers.py", "--files 60"); }
TEST(Tokenizers, GiveWhatSentencepieceGivesForModelsDrawnAtRandom) { compare_with("sentencepiece, google.protobuf", "compare_sentencepiece.py", "--models 20"); }

}  // namespace
}  // namespace temper::testing
