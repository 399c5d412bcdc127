// The same files give the same numbers as in transformers: hidden states, logits, losses, gradients.
#include "support/golden_model.h"

namespace temper {
namespace {

using namespace testing;

TEST(Gpt2CausalGolden, HiddenStatesLogitsLossAndGradients) { expect_reference("gpt2-causal", HeadKind::kLanguageModeling); }

TEST(Gpt2HubLayoutGolden, LogitsOfTheLastToken) {
  OPEN_GOLDEN(golden, "gpt2-hub-layout");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kLanguageModeling);
  const PackedInput input(batch_of(golden), at::kCPU);
  std::vector<std::int64_t> last;
  for (std::int64_t b = 0; b < input.size(); ++b) last.push_back(input.host.starts[b + 1] - 1);
  EXPECT_TRUE(close(logits_of(loaded.model, input, at::tensor(last)), golden.tensor("last_logits"), kSums));
}

TEST(Gpt2ClassifierGolden, HiddenStatesLogitsLossAndGradients) { expect_reference("gpt2-seqcls", HeadKind::kSequenceClassification); }

TEST(Gpt2ClassifierGolden, ReadsTheRightmostTokenThatIsNotPadding) {
  OPEN_GOLDEN(golden, "gpt2-seqcls");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kSequenceClassification);
  const at::Tensor ids = golden.tensor("edge.input_ids"), expected = golden.tensor("edge.logits");
  const std::vector<std::int64_t> picked = golden.integers("edge.picked");
  // transformers looks at all tokens of a row, whatever the mask says; a mask only hides keys. A row whose mask hides tokens at
  // its end is the row without them, since the model is causal; one whose mask hides tokens in front begins later.
  for (std::int64_t row = 0; row < ids.size(0); ++row) {
    const at::Tensor mask = golden.tensor("edge.attention_mask").narrow(0, row, 1);
    if (mask.sum().item<std::int64_t>() == 0) continue;  // nothing is left of it
    const PackedInput input(packed(ids.narrow(0, row, 1), mask), at::kCPU);
    const at::Tensor token = loaded.model.pooled_tokens(input);
    EXPECT_EQ(input.host.positions[token[0].item<std::int64_t>()], picked[row]) << "row " << row;
    EXPECT_TRUE(close(pooled_logits(loaded.model, input)[0], expected[row], kSums)) << "row " << row;
  }
}

TEST(BertClassifierGolden, HiddenStatesLogitsLossAndGradients) { expect_reference("bert-seqcls", HeadKind::kSequenceClassification); }

TEST(BertClassifierGolden, SegmentsCountAsZeroWhereNoneAreGiven) {
  OPEN_GOLDEN(golden, "bert-seqcls");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kSequenceClassification);
  const PackedInput input(packed(golden.tensor("input_ids"), golden.tensor("attention_mask")), at::kCPU);
  EXPECT_TRUE(close(pooled_logits(loaded.model, input), golden.tensor("no_segments.logits"), kSums));
}

TEST(BertMaskedLanguageModelGolden, HiddenStatesLogitsLossAndGradients) { expect_reference("bert-mlm", HeadKind::kMaskedLanguageModeling); }

TEST(BertHubLayoutGolden, LogitsOfSomeTokens) {
  OPEN_GOLDEN(golden, "bert-hub-layout");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kMaskedLanguageModeling);
  const PackedInput input(batch_of(golden), at::kCPU);
  const auto& starts = input.host.starts;
  const at::Tensor read = at::tensor(std::vector<std::int64_t>{starts[0] + 3, starts[1] + 4, starts[2] + 5});
  EXPECT_TRUE(close(logits_of(loaded.model, input, read), golden.tensor("some_logits"), kSums));
}

TEST(BertTokenClassifierGolden, HiddenStatesLogitsLossAndGradients) { expect_reference("bert-tokcls", HeadKind::kTokenClassification); }

TEST(BertSpanGolden, HiddenStatesAndLogits) {
  OPEN_GOLDEN(golden, "bert-qa");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kQuestionAnswering);
  expect_hidden_states(loaded.model.model(), golden);
  const PackedInput input(batch_of(golden), at::kCPU);
  const at::Tensor logits = logits_of(loaded.model, input, every_token(input));
  EXPECT_TRUE(close(logits.select(1, 0), unpadded(golden.tensor("start_logits"), golden.tensor("attention_mask")), kSums));
  EXPECT_TRUE(close(logits.select(1, 1), unpadded(golden.tensor("end_logits"), golden.tensor("attention_mask")), kSums));
}

// `model` names the tensors, `checkpoint` the folder of the model.
void expect_documents_apart(const std::string& model, const std::string& checkpoint) {
  OPEN_GOLDEN(golden, "packing");
  nn::LoadedModel loaded = load(golden.folder().parent_path() / checkpoint, HeadKind::kLanguageModeling);
  const at::Tensor ids = golden.tensor("input_ids")[0], labels = golden.tensor("labels")[0];
  Batch batch;
  for (const std::int64_t id : golden.integers("input_ids")) batch.ids.push_back(static_cast<std::int32_t>(id));
  for (const std::int64_t position : golden.integers("position_ids")) batch.positions.push_back(static_cast<std::int32_t>(position));
  batch.segments.assign(batch.ids.size(), 0);
  for (const std::int64_t start : golden.integers("cu_seqlens")) batch.starts.push_back(static_cast<std::int32_t>(start));
  batch.items = {0, 1, 2};
  const PackedInput input(batch, at::kCPU);
  const at::Tensor logits = logits_of(loaded.model, input, every_token(input));
  EXPECT_TRUE(close(logits, golden.tensor(model + ".logits")[0], kSums));

  std::vector<at::Tensor> losses;  // [tokens of the document - 1] each
  for (std::int64_t b = 0; b < input.size(); ++b) {
    const std::int64_t first = batch.starts[b], scored = batch.starts[b + 1] - first - 1;
    losses.push_back(at::cross_entropy_loss(logits.narrow(0, first, scored), labels.narrow(0, first + 1, scored), {}, at::Reduction::None));
    EXPECT_NEAR(losses.back().mean().item<double>(), golden.tensor(model + ".document_losses")[b].item<double>(), kLoss);
  }
  const at::Tensor loss = at::cat(losses).mean();
  EXPECT_NEAR(loss.item<double>(), golden.tensor(model + ".loss").item<double>(), kLoss);
  loss.backward();
  expect_gradient_norm(loaded.model, golden.tensor(model + ".grad_norm").item<double>());
}

TEST(PackingGolden, DocumentsOfOneRowDoNotSeeEachOther) { expect_documents_apart("gpt2", "gpt2-causal"); }
TEST(PackingGolden, DocumentsOfOneRowDoNotSeeEachOtherWithRotaryPositions) { expect_documents_apart("llama", "llama-causal"); }

}  // namespace
}  // namespace temper
