// The model plugin phi: the contract, and what is particular to it.
#include <gtest/gtest.h>

#include <temper/error.h>
#include <temper/testing/model.h>

#include "support/decoder_config.h"

namespace temper {
namespace {

TEST(Phi, KeepsTheModelContract) { testing::check_model("phi", testing::decoder_config(R"({"hidden_size": 32, "resid_pdrop": 0.1, "embd_pdrop": 0.1})")); }
TEST(Phi, KeepsTheModelContractWithNormedQueriesAndKeys) {
  testing::check_model("phi", testing::decoder_config(R"({"hidden_size": 32, "num_key_value_heads": 2, "qk_layernorm": true, "partial_rotary_factor": 0.25})"));
}

TEST(Phi, HasABiasInTheLanguageModelHeadAlone) {
  const auto heads = testing::make_model("phi", testing::decoder_config(R"({"hidden_size": 32})"))->heads();
  EXPECT_FALSE(heads.at(0).layers.at(0).bias);
  EXPECT_TRUE(heads.at(1).layers.at(0).bias);
}

TEST(Phi, KeepsTheModelContractWithAnOddNumberOfTurnedChannels) { testing::check_model("phi", testing::decoder_config(R"({"hidden_size": 24})")); }

}  // namespace
}  // namespace temper
