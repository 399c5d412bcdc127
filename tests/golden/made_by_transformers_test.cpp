// Decoders that transformers makes now: families and options that no stored checkpoint has.
#include <cstdlib>

#include "support/golden_model.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

using namespace testing;

TEST(MadeByTransformers, DecodersGiveTheSameStatesLogitsLossesAndGradients) {
  const char* python = std::getenv("TEMPER_PYTHON");
  if (!python || run_shell(std::string(python) + " -c 'import transformers, safetensors.torch'").status != 0) {
    GTEST_SKIP() << "TEMPER_PYTHON names no python with transformers (scripts/setup --tests makes one)";
  }
  const TemporaryFolder folder;
  const ProgramResult made = run_shell("'" + std::string(python) + "' '" TEMPER_SOURCE_DIRECTORY "/tests/interop/make_decoders.py' .", folder.path());
  ASSERT_EQ(made.status, 0) << made.err;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    if (!entry.is_directory()) continue;
    SCOPED_TRACE(entry.path().filename().string());
    const Golden golden(entry.path());
    nn::LoadedModel loaded = load(golden.folder(), HeadKind::kLanguageModeling);
    expect_hidden_states(loaded.model.model(), golden);
    const PackedInput input(batch_of(golden), at::kCPU);
    EXPECT_TRUE(close(logits_of(loaded.model, input, every_token(input)), unpadded(golden.tensor("logits"), golden.tensor("attention_mask")), 1e-4));
    const Scored rows = scored(golden, true);
    const at::Tensor loss = at::cross_entropy_loss(logits_of(loaded.model, input, rows.read), rows.labels);
    EXPECT_NEAR(loss.item<double>(), golden.tensor("loss").item<double>(), kLoss);
    expect_gradients(loaded.model, loss, golden);
    ++count;
  }
  EXPECT_EQ(count, 15u);
}

}  // namespace
}  // namespace temper
