// Every kind of head that is saved is transformers' own: no name too many or too few, and the same logits at every token.
#include <cstdlib>

#include <c10/core/GradMode.h>
#include <nlohmann/json.hpp>
#include <temper/example.h>

#include "data/atomic_file.h"
#include "support/golden_model.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"
#include "training/data_order.h"

namespace temper {
namespace {

using namespace testing;
using Json = nlohmann::json;

constexpr const char* kBert = R"(vocab_size = 48
hidden_size = 32
num_hidden_layers = 2
num_attention_heads = 2
intermediate_size = 64
max_position_embeddings = 32
initializer_range = 0.2)";
constexpr const char* kGpt2 = R"(vocab_size = 48
n_embd = 32
n_layer = 2
n_head = 2
n_positions = 32
initializer_range = 0.2)";

// Saves a model with random weights and such a head, with its logits for a few sequences.
void save_head(const std::filesystem::path& folder, const std::string& plugin, const char* config, HeadKind head, const std::string& loader, const std::vector<std::string>& labels) {
  const Value options = parse_toml(config, "config");
  nn::LoadedModel loaded = nn::new_model(registry::installed(), plugin, options, {.head = head, .labels = labels, .seed = 5});
  const c10::NoGradGuard no_grad;
  for (Parameter& parameter : loaded.model.parameters().all()) {  // biases are drawn as zeros: nobody would miss them
    parameter.tensor.add_(at::arange(parameter.tensor.numel(), at::kFloat).mul(0.7).sin().mul(0.1).reshape(parameter.tensor.sizes()));
    mark_changed(parameter);
  }
  nn::save_model(loaded.model, loaded.config, labels, folder);
  const bool is_pooled = head == HeadKind::kSequenceClassification;
  Json rows = Json::array();
  for (const std::vector<std::int32_t>& ids : std::vector<std::vector<std::int32_t>>{{1, 7, 9, 30, 2}, {1, 5, 2}, {1, 40, 41, 42, 43, 44, 45, 46, 2}}) {
    Example example;
    example.ids = ids;
    const std::vector<Example> examples = {example};
      const std::vector<std::size_t> alone = {0};
    const PackedInput input(training::pack(examples, alone), at::kCPU);
    const at::Tensor logits = (is_pooled ? pooled_logits(loaded.model, input) : logits_of(loaded.model, input, every_token(input))).contiguous();
    rows.push_back({{"ids", ids}, {"logits", std::vector<float>(logits.data_ptr<float>(), logits.data_ptr<float>() + logits.numel())}});
  }
  data::write_file_atomically(folder / "rows.json", Json{{"loader", loader}, {"rows", rows}}.dump());
}

TEST(SavedHeads, AreThoseOfTransformers) {
  const char* python = std::getenv("TEMPER_PYTHON");
  if (!python || run_shell(std::string(python) + " -c 'import transformers'").status != 0) {
    GTEST_SKIP() << "TEMPER_PYTHON names no python with transformers (scripts/setup --tests makes one)";
  }
  const TemporaryFolder folder;
  const std::vector<std::string> three = {"x", "y", "z"};
  save_head(folder / "bert-labels", "bert", kBert, HeadKind::kSequenceClassification, "AutoModelForSequenceClassification", three);
  save_head(folder / "bert-number", "bert", kBert, HeadKind::kSequenceClassification, "AutoModelForSequenceClassification", {"LABEL_0"});
  save_head(folder / "bert-tags", "bert", kBert, HeadKind::kTokenClassification, "AutoModelForTokenClassification", three);
  save_head(folder / "bert-spans", "bert", kBert, HeadKind::kQuestionAnswering, "AutoModelForQuestionAnswering", {});
  save_head(folder / "bert-masked", "bert", kBert, HeadKind::kMaskedLanguageModeling, "AutoModelForMaskedLM", {});
  save_head(folder / "gpt2-labels", "gpt2", kGpt2, HeadKind::kSequenceClassification, "AutoModelForSequenceClassification", three);
  save_head(folder / "gpt2-tags", "gpt2", kGpt2, HeadKind::kTokenClassification, "AutoModelForTokenClassification", three);
  save_head(folder / "gpt2-spans", "gpt2", kGpt2, HeadKind::kQuestionAnswering, "AutoModelForQuestionAnswering", {});
  save_head(folder / "gpt2-words", "gpt2", kGpt2, HeadKind::kLanguageModeling, "AutoModelForCausalLM", {});
  const ProgramResult result = run_shell("'" + std::string(python) + "' '" TEMPER_SOURCE_DIRECTORY "/tests/interop/load_saved_heads.py' .", folder.path());
  EXPECT_EQ(result.status, 0) << result.all();
}

}  // namespace
}  // namespace temper
