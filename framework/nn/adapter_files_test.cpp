// Whose head answers where an adapter brings none, and what adapter_config.json says.
#include "nn/adapter_files.h"

#include <filesystem>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <temper/error.h>
#include <temper/value.h>

#include "data/atomic_file.h"
#include "data/safetensors.h"
#include "nn/checkpoint.h"
#include "nn/lora.h"
#include "nn/tensor_bytes.h"
#include "registry/registry.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::nn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kGpt2 = R"({"vocab_size": 30, "n_positions": 16, "n_embd": 8, "n_layer": 1, "n_head": 2, "pad_token_id": 0})";
constexpr const char* kBert = R"({"vocab_size": 30, "max_position_embeddings": 16, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16})";

class AdapterFiles : public ::testing::Test {
 protected:
  AdapterFiles() { make("gpt2", kGpt2, {.labels = {"bad", "good"}, .seed = 1}); }

  // A base and an adapter over it with a head of its own, unlike the base's.
  void make(const char* plugin, const char* config, const LoadRequest& request) {
    std::filesystem::remove_all(base());
    std::filesystem::remove_all(adapter());
    LoadedModel model = new_model(registry::installed(), plugin, parse_json(config), request);
    save_model(model.model, model.config, model.labels, base());
    add_lora(model.model, {.r = 2}, 1);
    const c10::NoGradGuard no_grad;
    for (Parameter& parameter : model.model.parameters().all()) {
      if (is_trained_with_lora(*model.model.lora(), parameter)) parameter.tensor.add_(0.5);
    }
    save_adapter(model.model, base().string(), adapter());
    save_config(model.model, model.config, model.labels, adapter());
  }

  std::filesystem::path base() const { return folder.path() / "base"; }
  std::filesystem::path adapter() const { return folder.path() / "adapter"; }
  LoadedModel load(const std::vector<std::string>& labels = {}, HeadKind head = HeadKind::kSequenceClassification) const {
    return load_model(registry::installed(), adapter(), {.head = head, .labels = labels, .seed = 5});
  }
  Value config() const { return parse_json(data::read_file(adapter() / "adapter_config.json")); }
  void set(const std::string& key, Value value) const {
    Value changed = config();
    changed.set(key, std::move(value));
    data::write_file_atomically(adapter() / "adapter_config.json", to_json(changed));
  }
  // Takes the tensors whose names end so out of the file.
  void drop(const std::string& end) const { rewrite(end, {}, {}); }
  // Puts one more tensor into it.
  void add(const std::string& name, const at::Tensor& tensor) const { rewrite(name, {name}, {tensor}); }
  void rewrite(const std::string& end, std::vector<std::string> names, std::vector<at::Tensor> kept) const {
    {
      const data::TensorFiles files(adapter() / "adapter_model.safetensors");
      for (const data::Tensor& tensor : files.tensors()) {
        if (tensor.name.ends_with(end)) continue;
        kept.push_back(to_tensor(tensor).clone());
        names.push_back(tensor.name);
      }
    }
    std::vector<data::Tensor> stored;
    for (std::size_t i = 0; i < names.size(); ++i) stored.push_back(to_stored(names[i], kept[i]));
    data::write_safetensors(adapter() / "adapter_model.safetensors", stored, {{"format", "pt"}});
  }
  at::Tensor head_of(const std::filesystem::path& model, const char* name = "score.weight") const {
    return load_model(registry::installed(), model, {}).model.parameters().find(name)->tensor.clone();
  }

  testing::TemporaryFolder folder;
};

TEST_F(AdapterFiles, AHeadOfItsOwnComesFromTheAdapter) {
  const LoadedModel loaded = load();
  EXPECT_THAT(loaded.new_parameters, IsEmpty());
  EXPECT_THAT(loaded.head_of_base, IsEmpty());
  EXPECT_FALSE(at::equal(head_of(adapter()), head_of(base())));
}

TEST_F(AdapterFiles, AHeadThatTheAdapterClaimsAndLacksIsAnError) {
  drop("score.weight");
  const std::string file = (adapter() / "adapter_model.safetensors").string();
  const auto expect_error = [&] {
    const std::string message = testing::message_of([&] { load(); });
    EXPECT_THAT(message, HasSubstr(file + ": has no tensor \"base_model.model.score.weight\""));
    EXPECT_THAT(message, HasSubstr("adapter_config.json says that the head was trained with the adapter"));
  };
  expect_error();  // by both
  set("modules_to_save", Value());
  expect_error();  // by its task, for which PEFT saves the head
  set("task_type", Value());
  set("modules_to_save", Value(Value::Array{Value("classifier"), Value("score")}));
  expect_error();  // by name
}

TEST_F(AdapterFiles, ATrainedHeadOfTheBaseIsTakenWhereTheAdapterClaimsNone) {
  drop("score.weight");
  set("modules_to_save", Value());
  for (Value task : {Value(), Value("CAUSAL_LM")}) {
    set("task_type", task);
    LoadedModel loaded = load();
    EXPECT_THAT(loaded.head_of_base, ElementsAre("score.weight"));
    EXPECT_THAT(loaded.new_parameters, IsEmpty());
    EXPECT_TRUE(at::equal(loaded.model.parameters().find("score.weight")->tensor, head_of(base())));
  }
}

TEST_F(AdapterFiles, AHeadThatNeitherHasIsNew) {
  drop("score.weight");
  set("modules_to_save", Value());
  set("task_type", "CAUSAL_LM");
  LoadedModel loaded = load({"one", "two", "three"});  // for other classes than the base's
  EXPECT_THAT(loaded.new_parameters, ElementsAre("score.weight"));
  EXPECT_THAT(loaded.head_of_base, IsEmpty());
  EXPECT_EQ(loaded.model.labels(), 3);
}

TEST_F(AdapterFiles, AClaimedHeadMayBeMissingWhereAnotherOneAnswers) {
  drop("score.weight");
  EXPECT_THAT(load({}, HeadKind::kLanguageModeling).head_of_base, IsEmpty());
}

TEST_F(AdapterFiles, AnInnerLayerOfTheHeadMayBeTheBasesOwn) {
  make("bert", kBert, {.labels = {"bad", "good"}, .seed = 1});
  drop("pooler.dense.weight");  // PEFT saves the classifier alone
  drop("pooler.dense.bias");
  set("modules_to_save", Value(Value::Array{Value("classifier"), Value("score")}));
  LoadedModel loaded = load();
  EXPECT_THAT(loaded.new_parameters, IsEmpty());
  EXPECT_TRUE(at::equal(loaded.model.parameters().find("bert.pooler.dense.weight")->tensor, head_of(base(), "bert.pooler.dense.weight")));
  drop("classifier.bias");
  EXPECT_THAT(testing::message_of([&] { load(); }), HasSubstr("has no tensor \"base_model.model.classifier.bias\""));
}

TEST_F(AdapterFiles, ModulesThatAreNamedMustBeThere) {
  set("modules_to_save", Value(Value::Array{Value("score"), Value("ln_f")}));
  EXPECT_THAT(testing::message_of([&] { load(); }), HasSubstr("has no tensor \"base_model.model.transformer.ln_f.weight\""));
}

TEST_F(AdapterFiles, ModulesThatAreSavedAreNamedByTheEndsOfTheirNamesAsPeftDoes) {
  LoadedModel model = new_model(registry::installed(), "gpt2", parse_json(kGpt2), {.labels = {"bad", "good"}, .seed = 1});
  add_lora(model.model, {.r = 2, .modules_to_save = {"n_1"}}, 1);
  EXPECT_THAT(model.model.lora()->saved, ElementsAre("transformer.h.0.ln_1", "score"));
}

TEST_F(AdapterFiles, ACopyOfATiedMatrixIsAnError) {
  make("gpt2", kGpt2, {.head = HeadKind::kLanguageModeling, .seed = 1});
  const auto message = [&](const char* name) {
    set("modules_to_save", Value(Value::Array{Value(name)}));
    return testing::message_of([&] { load({}, HeadKind::kLanguageModeling); });
  };
  EXPECT_THAT(message("lm_head"), HasSubstr("modules_to_save names \"lm_head\", of which the model has no matrix"));
  EXPECT_THAT(message("wte"), HasSubstr("modules_to_save names \"transformer.wte\", whose matrix the head \"lm_head\" uses too"));
}

TEST_F(AdapterFiles, WhatIsTheBasesOwnMayStandBesideTheAdapters) {
  const at::Tensor words = head_of(base(), "transformer.wte.weight");
  add("base_model.model.transformer.wte.weight", words);
  add("base_model.model.transformer.h.0.attn.c_attn.base_layer.weight", head_of(base(), "transformer.h.0.attn.c_attn.weight"));
  load();
  add("base_model.model.transformer.wte.weight", words + 1);
  EXPECT_THAT(testing::message_of([&] { load(); }), HasSubstr("tensor \"base_model.model.transformer.wte.weight\" is left over"));
}

TEST_F(AdapterFiles, AllLinearLeavesOutWhatIsTrainedWhole) {
  LoadedModel model = new_model(registry::installed(), "bert", parse_json(kBert), {.labels = {"bad", "good"}, .seed = 1});  // with a new pooler
  LoraOptions lora;
  lora.target_modules = {"all-linear"};
  add_lora(model.model, lora, 1);
  EXPECT_THAT(model.model.lora()->saved, ElementsAre("bert.pooler.dense", "classifier"));
  EXPECT_THAT(model.model.lora()->modules, ::testing::SizeIs(6));
  lora.target_modules = {"query", "pooler.dense"};
  LoadedModel other = new_model(registry::installed(), "bert", parse_json(kBert), {.labels = {"bad", "good"}, .seed = 1});
  EXPECT_THAT(testing::message_of([&] { add_lora(other.model, lora, 1); }), HasSubstr("\"bert.pooler.dense\" is both in lora.target_modules and"));
}

TEST_F(AdapterFiles, TheConfigSaysWhatPeftSaysOfTheSameAdapter) {
  const Value written = config();
  EXPECT_EQ(*written.find("task_type"), Value("SEQ_CLS"));
  EXPECT_EQ(*written.find("fan_in_fan_out"), Value(true));  // GPT-2's weights are [in, out]
  EXPECT_EQ(*written.find("inference_mode"), Value(true));
  EXPECT_EQ(*written.find("bias"), Value("none"));
  EXPECT_TRUE(written.find("lora_alpha")->is_integer());
  EXPECT_FALSE(written.find("peft_version"));  // PEFT did not write it
  make("bert", kBert, {.labels = {"bad", "good"}, .seed = 1});
  EXPECT_EQ(*config().find("fan_in_fan_out"), Value(false));
  make("bert", kBert, {.head = HeadKind::kMaskedLanguageModeling, .seed = 1});
  EXPECT_TRUE(config().find("task_type")->is_null());
}

}  // namespace
}  // namespace temper::nn
