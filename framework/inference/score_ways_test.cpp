// All ways to the same number: types, batches, with kept keys or without, shared beginnings or not, for the families whose attention and
// positions differ.
#include <cmath>

#include <gtest/gtest.h>

#include <temper/value.h>

#include "inference/generate.h"
#include "inference/score.h"
#include "nn/checkpoint.h"
#include "registry/registry.h"

namespace temper::inference {
namespace {

constexpr const char* kGpt2 = R"("vocab_size": 60, "n_positions": 96, "n_embd": 64, "n_layer": 2, "n_head": 4, "initializer_range": 0.3)";
// Grouped queries: 4 heads of 16 channels over 2 of keys.
constexpr const char* kLlama = R"("vocab_size": 60, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4,
  "num_key_value_heads": 2, "initializer_range": 0.3)";

struct Family {
  const char* name;
  const char* plugin;
  std::string config;
};

void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }

std::string llama(const std::string& more) { return "{" + std::string(kLlama) + ", " + more + "}"; }
std::string stretched(const std::string& rope, std::int64_t trained) {
  return llama(R"("model_type": "llama", "max_position_embeddings": )" + std::to_string(trained) + R"(, "rope_scaling": {)" + rope + "}");
}

const std::vector<Family> kFamilies = {
    {"gpt2", "gpt2", "{" + std::string(kGpt2) + "}"},
    {"llama", "llama", llama(R"("model_type": "llama", "max_position_embeddings": 96)")},
    {"mistral_with_a_window", "llama", llama(R"("model_type": "mistral", "max_position_embeddings": 96, "sliding_window": 9)")},
    {"qwen3", "llama", llama(R"("model_type": "qwen3", "max_position_embeddings": 96, "head_dim": 32)")},
    {"odd_heads", "llama", llama(R"("model_type": "llama", "max_position_embeddings": 96, "head_dim": 10)")},
    {"linear", "llama", stretched(R"("rope_type": "linear", "factor": 4.0)", 96)},
    {"llama3", "llama", stretched(R"("rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32)", 96)},
    {"yarn", "llama", stretched(R"("rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 24)", 96)},
    {"dynamic_within_its_length", "llama", stretched(R"("rope_type": "dynamic", "factor": 2.0)", 96)},
    {"dynamic_beyond_its_length", "llama", stretched(R"("rope_type": "dynamic", "factor": 4.0)", 24)},
    {"dynamic_across_its_length", "llama", stretched(R"("rope_type": "dynamic", "factor": 4.0)", 38)},
};

class Ways : public ::testing::TestWithParam<Family> {
 protected:
  Ways() : loaded_(nn::new_model(registry::installed(), GetParam().plugin, parse_json(GetParam().config), {.head = HeadKind::kLanguageModeling, .labels = {}, .seed = 5})) {}
  HeadedModel& model() { return loaded_.model; }

 private:
  nn::LoadedModel loaded_;
};

// 20 items behind 24 common tokens, each with three continuations of 1, 1 and 4 tokens; and one that shares nothing.
std::vector<ScoreRequest> requests() {
  std::uint32_t state = 1;
  const auto tokens = [&](std::size_t count) {
    std::vector<std::int32_t> result(count);
    for (std::int32_t& token : result) token = static_cast<std::int32_t>((state = state * 1664525u + 1013904223u) >> 16) % 60;
    return result;
  };
  const std::vector<std::int32_t> common = tokens(24);
  std::vector<ScoreRequest> all = {{tokens(30), tokens(5)}};
  for (std::size_t item = 0; item < 20; ++item) {
    std::vector<std::int32_t> context = common;
    const auto own = tokens(1 + item);
    context.insert(context.end(), own.begin(), own.end());
    for (const std::size_t length : {1, 1, 4}) all.push_back({context, tokens(length)});
  }
  return all;
}

double furthest(const std::vector<ScoreResult>& a, const std::vector<ScoreResult>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i].logprob - b[i].logprob) / static_cast<double>(a[i].tokens));
  return most;
}

TEST_P(Ways, GiveTheSameScores) {
  const auto pairs = requests();
  const auto exact = score(model(), pairs, {.plain = true});
  double spread = 0;
  for (const ScoreResult& result : exact) spread = std::max(spread, -result.logprob / static_cast<double>(result.tokens));
  EXPECT_GT(spread, 6);  // far from log 60: a fault would be seen
  for (const bool bf16 : {false, true}) {
    const auto plain = score(model(), pairs, {.bf16 = bf16, .plain = true});
    // float32: sums in another order. bfloat16 keeps 8 bits; logits of up to 20 are then off by some hundredths, and a token's log-probability by some tenths.
    const double tolerance = bf16 ? 0.4 : 1e-4;
    EXPECT_LT(furthest(plain, exact), tolerance);
    for (const std::int64_t batch_size : {1, 64}) {
      for (const bool share : {false, true}) {
        EXPECT_LT(furthest(score(model(), pairs, {.batch_size = batch_size, .share = share, .bf16 = bf16}), exact), tolerance)
            << (bf16 ? "bf16" : "float32") << ", batch " << batch_size << (share ? ", shared" : "");
      }
    }
  }
}

TEST_P(Ways, GiveTheSameAnswers) {
  std::vector<GenerateRequest> prompts;
  for (const ScoreRequest& pair : requests()) {
    if (pair.continuation.size() == 4) prompts.push_back({pair.context, prompts.size()});
  }
  GenerateOptions options;
  options.generation.max_new_tokens = 20;
  options.plain = true;
  const auto exact = generate(model(), prompts, options);
  options.plain = false;
  for (const std::int64_t rows : {1, 64}) {
    options.rows = rows;
    const auto answers = generate(model(), prompts, options);
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      EXPECT_EQ(answers[i].tokens, exact[i].tokens) << i;
      EXPECT_NEAR(answers[i].logprob, exact[i].logprob, 4e-4) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Ways, ::testing::ValuesIn(kFamilies), [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace temper::inference
