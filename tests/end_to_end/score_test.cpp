// temper score as a user runs it.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <sstream>

#include <temper/value.h>

#include "data/safetensors.h"
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

// One JSON value a line.
std::vector<Value> lines_of(const std::string& text) {
  std::vector<Value> values;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) values.push_back(parse_json(line));
  return values;
}

TEST(ScoreVerb, GivesWholeTextsTheLikelihoodsOfTheHarness) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const data::SafetensorsFile golden(*shared / "golden/models/gpt2-loglikelihood/golden.safetensors");
  const data::Tensor* expected = golden.find("rolling.loglikelihood");  // float32, one of each text
  ASSERT_TRUE(expected && expected->dtype == data::Dtype::kF32);
  std::string input;
  std::vector<std::size_t> lengths;
  for (std::int64_t i = 0; i < expected->elements(); ++i) {
    const data::Tensor* tokens = golden.find("rolling." + std::to_string(i) + ".tokens");
    ASSERT_TRUE(tokens && tokens->dtype == data::Dtype::kI64);
    std::vector<std::int64_t> ids(static_cast<std::size_t>(tokens->elements()));
    std::memcpy(ids.data(), tokens->bytes.data(), tokens->bytes.size());
    input += to_json(Value(Value::Table{{"ids", Value(Value::Array(ids.begin(), ids.end()))}})) + '\n';
    lengths.push_back(ids.size());
  }
  input += "{\"context_ids\": [3], \"continuation_ids\": [5, 6]}\n";  // pairs and texts may stand in one file
  const TemporaryFolder folder;
  folder.write("texts.jsonl", input);
  const ProgramResult result = run_temper("score --model '" + (*shared / "golden/models/gpt2-causal").string() + "' --input texts.jsonl", folder.path());
  ASSERT_EQ(result.status, 0) << result.err;
  const std::vector<Value> scores = lines_of(result.out);
  ASSERT_EQ(scores.size(), lengths.size() + 1);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    float wanted = 0;
    std::memcpy(&wanted, expected->bytes.data() + i * sizeof wanted, sizeof wanted);
    EXPECT_EQ(scores[i].find("tokens")->as_integer(), static_cast<std::int64_t>(lengths[i])) << i;
    EXPECT_NEAR(scores[i].find("logprob")->as_number(), wanted, 1e-5 * static_cast<double>(lengths[i])) << i;  // float32 noise: a tenth of the golden file's tolerance
    EXPECT_FALSE(scores[i].find("is_greedy") || scores[i].find("words")) << i;
  }
  EXPECT_EQ(scores.back().find("tokens")->as_integer(), 2);
  EXPECT_TRUE(scores.back().find("is_greedy"));
  EXPECT_NE(result.err.find(std::to_string(lengths.size()) + " texts, "), std::string::npos) << result.err;
}

TEST(ScoreVerb, CountsTokensWordsAndBytesOfTextsAndTellsTheirPerplexities) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const TemporaryFolder folder;
  const std::string story = "Once upon a time, there was a little girl named Zoë.";
  folder.write("texts.jsonl", "{\"text\": \"" + story + "\"}\n{\"text\": \"\"}\n{\"context\": \"\", \"continuation\": \"" + story + "\"}\n");
  const std::string score = "score --model '" + (*shared / "models/stories260K-hf").string() + "' --input texts.jsonl";
  const ProgramResult result = run_temper(score, folder.path());
  ASSERT_EQ(result.status, 0) << result.err;
  const std::vector<Value> scores = lines_of(result.out);
  ASSERT_EQ(scores.size(), 3u);
  const double logprob = scores[0].find("logprob")->as_number();
  EXPECT_NEAR(logprob, scores[2].find("logprob")->as_number(), 1e-4);  // a text that fits the context is a continuation of nothing
  EXPECT_EQ(scores[0].find("tokens")->as_integer(), scores[2].find("tokens")->as_integer());
  EXPECT_EQ(scores[0].find("words")->as_integer(), 11);
  EXPECT_EQ(scores[0].find("bytes")->as_integer(), 53);
  EXPECT_EQ(to_json(scores[1]), R"({"logprob": 0.0, "tokens": 0, "words": 1, "bytes": 0})");
  std::ostringstream told;
  told << "2 texts, " << scores[0].find("tokens")->as_integer() << " tokens: perplexity ";
  EXPECT_NE(result.err.find(told.str()), std::string::npos) << result.err;
  told.str("");
  told << std::exp(-logprob / 12) << " per word (12), " << std::exp(-logprob / 53) << " per byte (53; " << -logprob / 53 / std::log(2) << " bits)";
  EXPECT_NE(result.err.find(told.str()), std::string::npos) << result.err << told.str();
  EXPECT_EQ(run_temper(score + " --quiet", folder.path()).err, "");
}

TEST(ScoreVerb, NamesALineThatIsNeitherPairNorText) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const TemporaryFolder folder;
  const std::string score = "score --model '" + (*shared / "golden/models/gpt2-causal").string() + "' --input bad.jsonl";
  const std::pair<const char*, const char*> bad[] = {{"{\"texts\": \"a\"}", "bad.jsonl:1: the line has no pair and no text"},
                                                     {"{\"text\": 3}", "bad.jsonl:1: \"text\" is an integer, it must be a string"},
                                                     {"{\"context\": \"a\", \"text\": \"b\"}", "bad.jsonl:1: the line has no pair"},
                                                     {"{\"ids\": [99999]}", "bad.jsonl:1: \"ids\" holds 99999"},
                                                     {"{\"text\": \"a\"}", "bad.jsonl:1: the model's folder has no tokenizer"}};
  for (const auto& [line, wanted] : bad) {
    folder.write("bad.jsonl", line);
    const ProgramResult result = run_temper(score, folder.path());
    EXPECT_EQ(result.status, 2) << line;
    EXPECT_NE(result.err.find(wanted), std::string::npos) << result.err;
  }
}

}  // namespace
}  // namespace temper::testing
