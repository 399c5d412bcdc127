// What each head is trained for gives transformers' losses and gradients on its own reference rows.
#include "support/golden_model.h"
#include "training/data_order.h"
#include "training/objectives.h"

namespace temper::training {
namespace {

using namespace testing;

// The rows of a folder without their padding; token labels where there are such.
std::vector<Example> rows(const Golden& golden) {
  const at::Tensor ids = golden.tensor("input_ids"), mask = golden.tensor("attention_mask");
  const at::Tensor types = golden.has("token_type_ids") ? golden.tensor("token_type_ids") : at::Tensor();
  const at::Tensor labels = golden.has("labels") ? golden.tensor("labels") : at::Tensor();
  std::vector<Example> examples;
  for (std::int64_t row = 0; row < ids.size(0); ++row) {
    Example& example = examples.emplace_back();
    example.key = static_cast<std::uint64_t>(row);
    if (labels.defined() && labels.dim() == 1) example.labels = {labels[row].item<std::int64_t>()};
    for (std::int64_t t = 0; t < ids.size(1) && mask[row][t].item<std::int64_t>() == 1; ++t) {
      example.ids.push_back(ids[row][t].item<std::int32_t>());
      if (types.defined()) example.type_ids.push_back(types[row][t].item<std::int32_t>());
      if (labels.defined() && labels.dim() == 2) example.labels.push_back(labels[row][t].item<std::int64_t>());
    }
  }
  return examples;
}

// The loss of all examples at once: the sum of losses over the sum of counts.
at::Tensor loss_of(HeadedModel& model, const Objective& objective, const std::vector<Example>& examples) {
  std::vector<std::size_t> all;
  std::vector<const Example*> chosen;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    all.push_back(i);
    chosen.push_back(&examples[i]);
    count += objective.count(examples[i]);
  }
  const PackedInput input(pack(examples, all), at::kCPU);
  return objective.forward(model, chosen, context_for(input)).losses.sum() / count;
}

void expect_loss(const std::string& name, HeadKind head, const Objective& objective) {
  OPEN_GOLDEN(golden, name);
  nn::LoadedModel loaded = load(golden.folder(), head);
  const at::Tensor loss = loss_of(loaded.model, objective, rows(golden));
  EXPECT_NEAR(loss.item<double>(), golden.tensor("loss").item<double>(), kLoss);
  expect_gradients(loaded.model, loss, golden);
}

TEST(ObjectiveGolden, Classes) { expect_loss("bert-seqcls", HeadKind::kSequenceClassification, SequenceClassification()); }
TEST(ObjectiveGolden, Tags) { expect_loss("bert-tokcls", HeadKind::kTokenClassification, TokenClassification()); }
TEST(ObjectiveGolden, NextTokens) { expect_loss("llama-causal", HeadKind::kLanguageModeling, CausalLanguageModeling()); }
TEST(ObjectiveGolden, MaskedTokens) { expect_loss("bert-mlm", HeadKind::kMaskedLanguageModeling, MaskedLanguageModeling(4, 400)); }

TEST(ObjectiveGolden, Spans) {
  OPEN_GOLDEN(golden, "bert-qa");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kQuestionAnswering);
  std::vector<Example> examples = rows(golden);
  const std::vector<std::int64_t> begin = golden.integers("start_positions"), end = golden.integers("end_positions");
  const std::int64_t width = golden.tensor("input_ids").size(1);
  bool is_padded = false;
  double expected = 0, scored = 0;
  for (std::size_t row = 0; row < examples.size(); ++row) {
    const auto length = static_cast<std::int64_t>(examples[row].ids.size());
    is_padded = is_padded || length < width;
    const auto label = [&](std::int64_t position) { return position < width ? position : kIgnored; };
    examples[row].labels = {label(begin[row]), label(end[row])};
    if (examples[row].labels[0] == kIgnored) continue;
    scored += 1;
    // transformers lets padding take part in the softmax; here there is none, so the reference's logits are cut.
    for (const auto& [name, position] : {std::pair{"start_logits", begin[row]}, {"end_logits", end[row]}}) {
      const at::Tensor logits = golden.tensor(name)[static_cast<std::int64_t>(row)].narrow(0, 0, length);
      expected += (logits.logsumexp(0) - logits[position]).item<double>() / 2;
    }
  }
  const at::Tensor loss = loss_of(loaded.model, SpanExtraction(), examples);
  EXPECT_NEAR(loss.item<double>(), expected / scored, kLoss);
  if (is_padded) return;
  EXPECT_NEAR(loss.item<double>(), golden.tensor("loss").item<double>(), kLoss);
  expect_gradients(loaded.model, loss, golden);
}

// `model` names the tensors, `checkpoint` the folder of the model.
void expect_block(const std::string& model, const std::string& checkpoint) {
  OPEN_GOLDEN(golden, "packing");
  nn::LoadedModel loaded = load(golden.folder().parent_path() / checkpoint, HeadKind::kLanguageModeling);
  Example block;
  for (const std::int64_t id : golden.integers("input_ids")) block.ids.push_back(static_cast<std::int32_t>(id));
  block.labels = golden.integers("labels");
  const std::vector<std::int64_t> starts = golden.integers("cu_seqlens");
  for (std::size_t part = 0; part + 1 < starts.size(); ++part) {
    block.parts.push_back({static_cast<std::int32_t>(starts[part]), part});
    block.labels[static_cast<std::size_t>(starts[part])] = kIgnored;
  }
  const at::Tensor loss = loss_of(loaded.model, CausalLanguageModeling(), {block});
  EXPECT_NEAR(loss.item<double>(), golden.tensor(model + ".loss").item<double>(), kLoss);
  loss.backward();
  expect_gradient_norm(loaded.model, golden.tensor(model + ".grad_norm").item<double>());
}

TEST(ObjectiveGolden, DocumentsOfABlock) { expect_block("gpt2", "gpt2-causal"); }
TEST(ObjectiveGolden, DocumentsOfABlockWithRotaryPositions) { expect_block("llama", "llama-causal"); }

}  // namespace
}  // namespace temper::training
