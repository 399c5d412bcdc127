// The model plugin gemma: the contract, and what is particular to it.
#include <gtest/gtest.h>

#include <temper/error.h>
#include <temper/testing/model.h>

#include "support/decoder_config.h"
#include "support/message_of.h"

namespace temper {
namespace {

TEST(Gemma, KeepsTheModelContract) { testing::check_model("gemma", testing::decoder_config(R"({"num_key_value_heads": 1, "head_dim": 10})")); }

TEST(Gemma, KeepsNormsAroundOneAndTiesItsHead) {
  const auto model = testing::make_model("gemma", testing::decoder_config());
  const Parameter* norm = model->parameters().find("model.norm.weight");
  ASSERT_TRUE(norm);
  EXPECT_EQ(norm->init, Init::kZeros);
  EXPECT_EQ(model->heads().at(1).layers.at(0).tied_to, "model.embed_tokens.weight");
}

TEST(Gemma, DoesNotReadInBothDirections) {
  const std::string message = testing::message_of([] { testing::make_model("gemma", testing::decoder_config(R"({"use_bidirectional_attention": true})")); });
  EXPECT_NE(message.find("use_bidirectional_attention is true"), std::string::npos) << message;
}

}  // namespace
}  // namespace temper
