// Adapters that PEFT wrote give PEFT's logits, hung on and merged, and take its training steps; what we write is read back the same.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "data/atomic_file.h"
#include "nn/adapter_files.h"
#include "nn/checkpoint.h"
#include "nn/lora.h"
#include "registry/registry.h"
#include "support/close.h"
#include "support/golden.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

struct Case {
  const char* folder;
  HeadKind head;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.folder; }

nn::LoadedModel load(const std::filesystem::path& folder, const Case& c, const std::filesystem::path& base) {
  nn::LoadRequest request;
  request.head = c.head;
  request.base = base;
  return nn::load_model(registry::installed(), folder, request);
}

// [N, V] of all tokens, or [B, labels].
at::Tensor logits(HeadedModel& model, const testing::Golden& golden, bool plain) {
  const c10::NoGradGuard no_grad;
  const PackedInput input(testing::packed(golden.tensor("input_ids"), golden.tensor("attention_mask")), at::kCPU);
  ForwardContext context;
  context.input = &input;
  context.plain = plain;
  const bool is_classifier = model.head().kind == HeadKind::kSequenceClassification;
  return model.logits(model.states(context, is_classifier ? model.pooled_tokens(input) : at::arange(input.tokens())), context);
}

at::Tensor expected(const testing::Golden& golden, const Case& c, const char* name) {
  const at::Tensor all = golden.tensor(name);
  return c.head == HeadKind::kSequenceClassification ? all : testing::unpadded(all, golden.tensor("attention_mask"));
}

class LoraGolden : public ::testing::TestWithParam<Case> {};

TEST_P(LoraGolden, GivesTheLogitsOfPeftHungOnAndMerged) {
  const Case& c = GetParam();
  const auto golden = testing::open_golden(c.folder);
  if (!golden) GTEST_SKIP() << testing::kNoSharedFolder;
  const std::filesystem::path base = golden->folder() / golden->notes().find("checkpoint")->as_string();
  nn::LoadedModel loaded = load(golden->folder(), c, base);
  EXPECT_TRUE(loaded.new_parameters.empty());
  for (const bool plain : {false, true}) EXPECT_TRUE(testing::close(logits(loaded.model, *golden, plain), expected(*golden, c, "logits"), 3e-5)) << plain;

  const testing::TemporaryFolder folder;
  nn::save_adapter(loaded.model, base.string(), folder.path());
  nn::LoadedModel again = load(folder.path(), c, {});
  EXPECT_TRUE(at::equal(logits(again.model, *golden, false), logits(loaded.model, *golden, false)));

  nn::merge_lora(loaded.model);
  EXPECT_TRUE(testing::close(logits(loaded.model, *golden, false), expected(*golden, c, "merged_logits"), 3e-5));
  for (const std::string& name : golden->names_that_begin("merged.")) {
    const Parameter* parameter = loaded.model.parameters().find(name.substr(7));
    ASSERT_TRUE(parameter) << name;
    EXPECT_TRUE(testing::close(parameter->tensor, golden->tensor(name), 1e-6)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Each, LoraGolden,
                         ::testing::Values(Case{"lora-gpt2", HeadKind::kLanguageModeling}, Case{"lora-gpt2-seqcls", HeadKind::kSequenceClassification},
                                           Case{"lora-llama", HeadKind::kLanguageModeling}, Case{"lora-llama-dora", HeadKind::kLanguageModeling},
                                           Case{"lora-llama-rslora", HeadKind::kLanguageModeling}),
                         [](const auto& info) {
                           std::string name = info.param.folder;
                           std::erase(name, '-');
                           return name;
                         });

TEST(LoraGoldenFiles, FindTheirBaseBesideThemselves) {
  const auto golden = testing::open_golden("lora-gpt2");
  if (!golden) GTEST_SKIP() << testing::kNoSharedFolder;
  nn::LoadedModel loaded = load(golden->folder(), {"lora-gpt2", HeadKind::kLanguageModeling}, {});
  EXPECT_EQ(loaded.model.lora()->modules.size(), 3u);
}

TEST(AdapterFiles, NamesAllThatIsWrong) {
  const auto golden = testing::open_golden("lora-gpt2");
  if (!golden) GTEST_SKIP() << testing::kNoSharedFolder;
  const testing::TemporaryFolder folder;
  Value config = parse_json(data::read_file(golden->folder() / "adapter_config.json"));
  config.set("peft_type", "IA3");
  config.set("rank_pattern", Value(Value::Table{{"c_attn", Value(2)}}));
  config.set("r", "four");
  config.set("init_lora_weights", "pissa");
  config.set("exclude_modules", Value(Value::Array{Value("c_proj")}));
  folder.write("adapter_config.json", to_json(config));
  const std::string message = testing::message_of([&] { nn::read_adapter_options(folder.path()); });
  for (const char* part : {"peft_type is \"IA3\"", "rank_pattern is set", "r is \"four\"", "init_lora_weights is \"pissa\"", "exclude_modules is set"}) EXPECT_NE(message.find(part), std::string::npos) << message;

  // Other ranks than the file's tensors have: every one is named.
  Value wider = parse_json(data::read_file(golden->folder() / "adapter_config.json"));
  wider.set("r", std::int64_t{5});
  wider.set("target_modules", Value(Value::Array{Value("c_attn"), Value("c_fc")}));
  folder.write("adapter_config.json", to_json(wider));
  std::filesystem::copy_file(golden->folder() / "adapter_model.safetensors", folder.path() / "adapter_model.safetensors");
  const std::string shapes = testing::message_of([&] { load(folder.path(), {"", HeadKind::kLanguageModeling}, golden->folder().parent_path() / "gpt2-causal"); });
  EXPECT_NE(shapes.find("has the shape [4, 48], expected [5, 48]"), std::string::npos) << shapes;
  EXPECT_NE(shapes.find("has no tensor \"base_model.model.transformer.h.2.mlp.c_fc.lora_B.weight\""), std::string::npos) << shapes;
}

}  // namespace
}  // namespace temper
