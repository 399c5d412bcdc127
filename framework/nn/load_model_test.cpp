// Checkpoints that fit, and all the ways in which they do not.
#include "nn/checkpoint.h"

#include <fstream>
#include <map>
#include <sstream>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <temper/error.h>

#include "data/atomic_file.h"
#include "data/safetensors.h"
#include "nn/tensor_bytes.h"
#include "registry/registry.h"
#include "support/close.h"
#include "support/message_of.h"
#include "support/random_batch.h"
#include "support/temporary_folder.h"

namespace temper::nn {
namespace {

using testing::message_of;
using testing::same_bits;

Value small_config() {
  return parse_json(R"({"vocab_size": 30, "n_positions": 16, "n_embd": 8, "n_layer": 1, "n_head": 2, "pad_token_id": 0, "resid_pdrop": 0.0})");
}

LoadRequest request_for(std::vector<std::string> labels, HeadKind head = HeadKind::kSequenceClassification, std::uint64_t seed = 1) {
  LoadRequest request;
  request.labels = std::move(labels);
  request.head = head;
  request.seed = seed;
  return request;
}

struct LoadModel : ::testing::Test {
  LoadModel() : made(new_model(registry::installed(), "gpt2", small_config(), request_for({"bad", "fair", "good"}))) { save(); }

  void save() { save_model(made.model, made.config, made.labels, folder.path()); }
  LoadedModel load(const LoadRequest& request = {}) const { return load_model(registry::installed(), folder.path(), request); }
  std::string failure(const LoadRequest& request = {}) const {
    return message_of([&] { load(request); });
  }
  // Rewrites the file with its tensors changed.
  template <class Change>
  void change_tensors(const Change& change) const {
    std::map<std::string, at::Tensor> tensors;
    {
      const data::TensorFiles files(folder.path());
      for (const data::Tensor& tensor : files.tensors()) tensors[tensor.name] = to_tensor(tensor);
    }
    change(tensors);
    std::vector<data::Tensor> stored;
    for (const auto& [name, tensor] : tensors) stored.push_back(to_stored(name, tensor));
    data::write_safetensors(folder.path() / "model.safetensors", stored);
  }
  void change_config(const std::string& key, Value value) const {
    Value config = parse_json(data::read_file(folder.path() / "config.json"));
    config.set(key, std::move(value));
    data::write_file_atomically(folder.path() / "config.json", to_json(config));
  }
  const at::Tensor& weight(LoadedModel& loaded, const char* name) const { return loaded.model.parameters().find(name)->tensor; }

  testing::TemporaryFolder folder;
  LoadedModel made;
};

at::Tensor logits_of(HeadedModel& model) {
  const PackedInput input(testing::random_batch({4, 2}), at::kCPU);
  ForwardContext context;
  context.input = &input;
  return model.logits(model.states(context, model.pooled_tokens(input)), context);
}

TEST_F(LoadModel, ReadsBackWhatWasSaved) {
  LoadedModel loaded = load();
  EXPECT_EQ(loaded.plugin, "gpt2");
  EXPECT_EQ(loaded.labels, (std::vector<std::string>{"bad", "fair", "good"}));
  EXPECT_TRUE(loaded.new_parameters.empty());
  EXPECT_TRUE(same_bits(logits_of(loaded.model), logits_of(made.model)));
}

// Whether the address lies in a mapping of a file of this name.
bool lies_in(const void* address, const std::string& name) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    char dash = 0;
    std::istringstream(line) >> std::hex >> begin >> dash >> end;
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    if (at >= begin && at < end) return line.ends_with(name);
  }
  return false;
}

TEST_F(LoadModel, OpensLargeFilesInPlaceAndNeverWritesToThem) {
  Value config = small_config();
  config.set("vocab_size", 600'000);  // 19 MB of embeddings
  LoadedModel large = new_model(registry::installed(), "gpt2", config, request_for({"bad", "fair", "good"}));
  save_model(large.model, large.config, large.labels, folder.path());
  EXPECT_FALSE(lies_in(weight(large, "transformer.wte.weight").const_data_ptr(), "model.safetensors"));
  {
    LoadedModel loaded = load();
    for (const char* name : {"transformer.wte.weight", "transformer.h.0.ln_1.bias"}) {
      EXPECT_TRUE(lies_in(weight(loaded, name).const_data_ptr(), "/model.safetensors")) << name;
      EXPECT_TRUE(weight(loaded, name).requires_grad());
    }
    EXPECT_TRUE(same_bits(logits_of(loaded.model), logits_of(large.model)));
    const c10::NoGradGuard no_grad;
    for (Parameter& parameter : loaded.model.parameters().all()) parameter.tensor.add_(1);  // as an optimizer does
    EXPECT_FALSE(same_bits(logits_of(loaded.model), logits_of(large.model)));
  }
  LoadedModel again = load();
  std::filesystem::remove(folder.path() / "model.safetensors");  // or replaced by a rename: what is mapped stays
  EXPECT_TRUE(same_bits(logits_of(again.model), logits_of(large.model)));
}

TEST_F(LoadModel, WritesTheConfigAsTransformersDoes) {
  const Value config = parse_json(data::read_file(folder.path() / "config.json"));
  EXPECT_EQ(to_json(*config.find("architectures")), R"(["GPT2ForSequenceClassification"])");
  EXPECT_EQ(config.find("model_type")->as_string(), "gpt2");
  EXPECT_EQ(config.find("dtype")->as_string(), "float32");
  EXPECT_EQ(config.find_path("id2label.2")->as_string(), "good");
  EXPECT_EQ(config.find_path("label2id.fair")->as_integer(), 1);
  EXPECT_EQ(data::SafetensorsFile(folder.path() / "model.safetensors").metadata().at("format"), "pt");
}

TEST_F(LoadModel, DoesNotWriteTwoGenericLabels) {
  const testing::TemporaryFolder other;
  LoadedModel two = new_model(registry::installed(), "gpt2", small_config(), request_for({"LABEL_0", "LABEL_1"}));
  save_model(two.model, two.config, two.labels, other.path());
  EXPECT_EQ(parse_json(data::read_file(other.path() / "config.json")).find("id2label"), nullptr);
  EXPECT_EQ(load_model(registry::installed(), other.path(), {}).labels.size(), 2u);
}

TEST_F(LoadModel, NamesAllTensorsThatDoNotFitAtOnce) {
  change_tensors([](auto& tensors) {
    tensors.erase("transformer.ln_f.weight");
    tensors["transformer.wpe.weight"] = at::zeros({15, 8});
    tensors["transformer.h.1.ln_1.weight"] = at::zeros({8});
    tensors["transformer.h.0.ln_1.bias"] = at::zeros({8}, at::kLong);
  });
  const std::string message = failure();
  const std::string file = (folder.path() / "model.safetensors").string();
  EXPECT_NE(message.find(folder.path().string() + ": has no tensor \"transformer.ln_f.weight\""), std::string::npos) << message;
  EXPECT_NE(message.find(file + ": tensor \"transformer.wpe.weight\" has the shape [15, 8], expected [16, 8]"), std::string::npos) << message;
  EXPECT_NE(message.find("tensor \"transformer.h.1.ln_1.weight\" is left over, nothing in the model reads it"), std::string::npos) << message;
  EXPECT_NE(message.find("tensor \"transformer.h.0.ln_1.bias\" is stored as I64, expected F32, F16, BF16 or F64"), std::string::npos) << message;
}

TEST_F(LoadModel, RejectsATensorUnderTwoNames) {
  change_tensors([](auto& tensors) { tensors["wte.weight"] = tensors["transformer.wte.weight"]; });
  EXPECT_NE(failure().find("is a second source of \"transformer.wte.weight\""), std::string::npos) << failure();
}

TEST_F(LoadModel, ReadsPublishedNamesAndSkipsBuffersAndForeignHeads) {
  change_tensors([](auto& tensors) {
    std::map<std::string, at::Tensor> published;
    for (const auto& [name, tensor] : tensors) published[name.starts_with("transformer.") ? name.substr(12) : name] = tensor;
    published["h.0.attn.bias"] = at::ones({1, 1, 16, 16});
    published["lm_head.weight"] = at::zeros({30, 8});
    tensors = published;
  });
  LoadedModel loaded = load();
  EXPECT_TRUE(same_bits(logits_of(loaded.model), logits_of(made.model)));
}

TEST_F(LoadModel, DrawsAHeadThatTheFilesLackFromTheSeed) {
  change_tensors([](auto& tensors) { tensors.erase("score.weight"); });
  LoadedModel one = load(request_for({"x", "y"}, HeadKind::kSequenceClassification, 5)), again = load(request_for({"x", "y"}, HeadKind::kSequenceClassification, 5)),
              other = load(request_for({"x", "y"}, HeadKind::kSequenceClassification, 6));
  EXPECT_EQ(one.new_parameters, (std::vector<std::string>{"score.weight"}));
  EXPECT_TRUE(same_bits(weight(one, "score.weight"), weight(again, "score.weight")));
  EXPECT_FALSE(at::equal(weight(one, "score.weight"), weight(other, "score.weight")));
  EXPECT_GT(weight(one, "score.weight").abs().sum().item<float>(), 0);
}

TEST_F(LoadModel, KeepsATrainedHeadForItsOwnLabelsOnly) {
  LoadedModel same = load(request_for({"bad", "fair", "good"})), others = load(request_for({"bad", "good", "fair"}, HeadKind::kSequenceClassification, 2)), fewer = load(request_for({"no", "yes"}));
  EXPECT_TRUE(same_bits(weight(same, "score.weight"), weight(made, "score.weight")));
  EXPECT_EQ(others.new_parameters, (std::vector<std::string>{"score.weight"}));
  EXPECT_FALSE(at::equal(weight(others, "score.weight"), weight(made, "score.weight")));
  EXPECT_EQ(weight(fewer, "score.weight").size(0), 2);
}

TEST_F(LoadModel, ReadsHalfPrecisionIntoFloat32) {
  for (const at::ScalarType type : {at::kHalf, at::kBFloat16}) {
    save();
    change_tensors([type](auto& tensors) {
      for (auto& [name, tensor] : tensors) tensor = tensor.to(type);
    });
    LoadedModel loaded = load();
    const at::Tensor& wte = weight(loaded, "transformer.wte.weight");
    EXPECT_EQ(wte.scalar_type(), at::kFloat);
    EXPECT_TRUE(same_bits(wte, weight(made, "transformer.wte.weight").to(type).to(at::kFloat)));
  }
}

TEST_F(LoadModel, GivesALanguageModelWithoutASecondCopyOfItsEmbedding) {
  LoadedModel loaded = load(request_for({}, HeadKind::kLanguageModeling));
  EXPECT_TRUE(loaded.labels.empty());
  EXPECT_EQ(loaded.model.parameters().find("lm_head.weight"), nullptr);
  EXPECT_EQ(loaded.model.head().architecture, "GPT2LMHeadModel");
  EXPECT_EQ(logits_of(loaded.model).size(1), 30);
}

TEST_F(LoadModel, NamesTheModelTypesThatItKnows) {
  change_config("model_type", "gpt_next");
  EXPECT_NE(failure().find("no model plugin reads the model_type \"gpt_next\""), std::string::npos) << failure();
  EXPECT_NE(failure().find("gpt2"), std::string::npos);
}

TEST_F(LoadModel, NamesTheConfigsKeyOfAWrongType) {
  change_config("n_layer", "one");
  EXPECT_NE(failure().find("n_layer"), std::string::npos) << failure();
  EXPECT_NE(failure().find("config.json"), std::string::npos) << failure();
}

TEST_F(LoadModel, SurvivesAConfigThatNoMemoryHolds) {
  change_config("vocab_size", std::int64_t{1} << 60);
  EXPECT_NE(failure().find("cannot be made"), std::string::npos) << failure();
  change_config("vocab_size", std::int64_t{1} << 26);  // 2 GiB, never touched: the file does not fit it
  EXPECT_NE(failure().find("transformer.wte.weight"), std::string::npos) << failure();
}

TEST_F(LoadModel, SaysThatAPickleCannotBeRead) {
  std::filesystem::remove(folder.path() / "model.safetensors");
  std::ofstream(folder.path() / "pytorch_model.bin") << "x";
  EXPECT_NE(failure().find("pytorch_model.bin cannot be read"), std::string::npos) << failure();
}

TEST_F(LoadModel, TakesAConfigAloneAsAnArchitecture) {
  std::filesystem::remove(folder.path() / "model.safetensors");
  LoadedModel loaded = load(request_for({"bad", "fair", "good"}));
  EXPECT_EQ(loaded.new_parameters.size(), loaded.model.parameters().all().size());
  EXPECT_TRUE(same_bits(logits_of(loaded.model), logits_of(made.model)));  // both are drawn from seed 1
}

TEST_F(LoadModel, SaysWhichHeadsAFamilyHas) {
  const std::string message = failure(request_for({}, HeadKind::kMaskedLanguageModeling));
  EXPECT_NE(message.find("the model family gpt2 has no head for masked language modelling"), std::string::npos) << message;
  EXPECT_NE(message.find("sequence classification"), std::string::npos) << message;
}

TEST(NewModel, NamesEveryParameterAsDrawnFromTheSeed) {
  LoadedModel made = new_model(registry::installed(), "gpt2", small_config(), request_for({"a", "b"}));
  EXPECT_EQ(made.new_parameters.size(), made.model.parameters().all().size());
}

TEST(NewModel, RejectsAnUnknownKeyOfItsConfig) {
  Value config = small_config();
  config.set("n_layers", 2);
  const std::string message = message_of([&] { new_model(registry::installed(), "gpt2", config, request_for({"a", "b"})); });
  EXPECT_NE(message.find("n_layers"), std::string::npos) << message;
  EXPECT_NE(message.find("did you mean \"n_layer\"?"), std::string::npos) << message;
}

}  // namespace
}  // namespace temper::nn
