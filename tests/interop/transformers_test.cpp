// What temper saves, transformers loads, with the same logits and label names.
#include <gtest/gtest.h>

#include <cstdlib>

#include "support/ids_experiment.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

void expect_same_logits(const TemporaryFolder& folder) {
  const char* python = std::getenv("TEMPER_PYTHON");
  if (!python || run_shell(std::string(python) + " -c 'import transformers'").status != 0) {
    GTEST_SKIP() << "TEMPER_PYTHON names no python with transformers (scripts/setup --tests makes one)";
  }
  ProgramResult result = run_temper("run ids.toml", folder.path());
  ASSERT_EQ(result.status, 0) << result.err;
  result = run_shell("'" + temper_program() + "' export results/ids model && '" + temper_program() +
                         "' predict --model model --logits --input test.jsonl > answers.jsonl && '" + std::string(python) + "' '" TEMPER_SOURCE_DIRECTORY
                         "/tests/interop/load_exported.py' model test.jsonl answers.jsonl",
                     folder.path());
  EXPECT_EQ(result.status, 0) << result.out << result.err;
}

TEST(Transformers, LoadsAnExportedBert) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "epochs = 2\nlearning_rate = 1e-3");
  expect_same_logits(folder);
}

// The experiment with another model.
void write_experiment_with(const TemporaryFolder& folder, const std::string& model) {
  write_ids_experiment(folder, "epochs = 2\nlearning_rate = 1e-3");
  std::string toml = folder.read("ids.toml");
  const std::size_t begin = toml.find("plugin = \"bert\""), end = toml.find("[training]");
  toml.replace(begin, end - begin, model);
  folder.write("ids.toml", toml);
}

TEST(Transformers, LoadsAnExportedGpt2) {
  const TemporaryFolder folder;
  write_experiment_with(folder, "plugin = \"gpt2\"\nconfig = { vocab_size = 48, n_embd = 32, n_layer = 2, n_head = 2, n_positions = 32 }\n");
  expect_same_logits(folder);
}

constexpr const char* kDecoder = "vocab_size = 48, hidden_size = 32, num_hidden_layers = 2, num_attention_heads = 2, num_key_value_heads = 2, intermediate_size = 64, max_position_embeddings = 32";

TEST(Transformers, LoadsExportedDecoders) {
  for (const std::string start : {"plugin = \"llama\"\nconfig = { ", "plugin = \"llama\"\nconfig = { model_type = \"qwen3\", head_dim = 16, ", "plugin = \"gemma\"\nconfig = { head_dim = 16, ",
                                  "plugin = \"phi\"\nconfig = { ", "plugin = \"gpt_neox\"\nconfig = { "}) {
    SCOPED_TRACE(start);
    const TemporaryFolder folder;
    write_experiment_with(folder, start + kDecoder + " }\n");
    expect_same_logits(folder);
    if (::testing::Test::IsSkipped() || ::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace temper::testing
