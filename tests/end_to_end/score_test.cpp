// temper score as a user runs it.
#include <gtest/gtest.h>

#include <cmath>

#include <temper/value.h>

#include "support/ids_experiment.h"
#include "support/run_program.h"
#include "support/shared.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

TEST(ScoreVerb, ScoresIdsAndNamesTheLineThatItCannot) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const TemporaryFolder folder;
  const std::string score = "score --model '" + (*shared / "golden/models/gpt2-causal").string() + "' --input ";
  folder.write("good.jsonl", "{\"context_ids\": [3, 4], \"continuation_ids\": [5, 6]}\n{\"context_ids\": [], \"continuation_ids\": [5]}\n");
  ProgramResult result = run_temper(score + "good.jsonl", folder.path());
  ASSERT_EQ(result.status, 0) << result.err;
  const Value first = parse_json(result.out.substr(0, result.out.find('\n')));
  EXPECT_LT(first.find("logprob")->as_number(), 0);
  EXPECT_EQ(first.find("tokens")->as_integer(), 2);
  EXPECT_TRUE(first.find("is_greedy")->is_bool());

  folder.write("bad.jsonl", "{\"context_ids\": [3], \"continuation_ids\": [5]}\n{\"context_ids\": [3], \"continuation_ids\": [99999]}\n");
  result = run_temper(score + "bad.jsonl", folder.path());
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("bad.jsonl:2: \"continuation_ids\" holds 99999"), std::string::npos) << result.err;
  folder.write("text.jsonl", "{\"context\": \"a\", \"continuation\": \"b\"}\n");
  result = run_temper(score + "text.jsonl", folder.path());
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("the model's folder has no tokenizer"), std::string::npos) << result.err;
}

TEST(ScoreVerb, RefusesAModelThatIsNoLanguageModel) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "max_steps = 1");
  ASSERT_EQ(run_temper("run ids.toml", folder.path()).status, 0);
  ASSERT_EQ(run_temper("export results/ids model", folder.path()).status, 0);
  const ProgramResult result = run_temper("score --model model --input ids.toml", folder.path());
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("language model"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace temper::testing
