// The same files give the same numbers as in transformers: hidden states, logits, losses, gradients.
#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <temper/error.h>

#include "nn/checkpoint.h"
#include "registry/registry.h"
#include "support/close.h"
#include "support/golden.h"

namespace temper {
namespace {

using testing::close;
using testing::Golden;
using testing::open_golden;
using testing::packed;
using testing::unpadded;

// Sums in another order move a float32 logit of these models by less than this; a wrong norm epsilon moves it by 1e-4.
constexpr double kSums = 3e-5;
constexpr double kLoss = 1e-5;

#define OPEN_GOLDEN(golden, name)                                    \
  const auto golden##_ = open_golden(name);                          \
  if (!golden##_) GTEST_SKIP() << testing::kNoSharedFolder;          \
  const Golden& golden = *golden##_

nn::LoadedModel load(const std::filesystem::path& folder, HeadKind head) {
  nn::LoadRequest request;
  request.head = head;
  nn::LoadedModel loaded = nn::load_model(registry::installed(), folder, request);
  EXPECT_TRUE(loaded.new_parameters.empty()) << loaded.new_parameters.front();
  return loaded;
}

Batch batch_of(const Golden& golden) {
  return packed(golden.tensor("input_ids"), golden.tensor("attention_mask"), golden.has("token_type_ids") ? golden.tensor("token_type_ids") : at::Tensor());
}

ForwardContext context_for(const PackedInput& input) {
  ForwardContext context;
  context.input = &input;
  return context;
}

at::Tensor every_token(const PackedInput& input) { return at::arange(input.tokens(), at::kLong); }

void expect_hidden_states(Model& model, const Golden& golden) {
  const PackedInput input(batch_of(golden), at::kCPU);
  const at::Tensor mask = golden.tensor("attention_mask");
  ForwardContext context = context_for(input);
  const std::int64_t layers = model.shape().layers;
  const auto expected = [&](std::int64_t i) { return unpadded(golden.tensor("hidden_states." + std::to_string(i)), mask); };
  context.layer = -1;
  at::Tensor x = model.embed(context);
  for (std::int64_t i = 0; i < layers; ++i) {
    EXPECT_TRUE(close(x, expected(i), kSums)) << "what enters block " << i;
    context.layer = i;
    x = model.layer(i, x, context);
  }
  if (golden.has("last_block_output")) {
    EXPECT_TRUE(close(x, unpadded(golden.tensor("last_block_output"), mask), kSums));
  }
  context.layer = layers;
  EXPECT_TRUE(close(model.finish(x, context), expected(layers), kSums)) << "after the last norm";
}

at::Tensor logits_of(HeadedModel& model, const PackedInput& input, const at::Tensor& read) {
  return model.logits(model.states(context_for(input), read), context_for(input));
}

at::Tensor pooled_logits(HeadedModel& model, const PackedInput& input) { return logits_of(model, input, model.pooled_tokens(input)); }

// Runs backward and compares the stored gradients, every norm, and the norm of all.
void expect_gradients(HeadedModel& model, const at::Tensor& loss, const Golden& golden) {
  loss.backward();
  double squares = 0;
  const Value& norms = *golden.notes().find("grad_norms");
  for (const Parameter& parameter : model.parameters().all()) {
    ASSERT_TRUE(parameter.tensor.grad().defined()) << parameter.name;
    const double norm = parameter.tensor.grad().norm().item<double>();
    squares += norm * norm;
    const Value* expected = norms.find(parameter.name);
    ASSERT_TRUE(expected) << parameter.name << " is not a parameter in transformers";
    // A gradient that is zero in truth (BERT's key bias) is all rounding.
    if (expected->as_number() > 1e-5) {
      EXPECT_NEAR(norm, expected->as_number(), 1e-4 * expected->as_number()) << parameter.name;
    }
  }
  EXPECT_EQ(norms.as_table().size(), model.parameters().all().size());
  const double expected_norm = golden.tensor("grad_norm").item<double>();
  EXPECT_NEAR(std::sqrt(squares), expected_norm, 1e-4 * expected_norm);
  for (const std::string& name : golden.names_that_begin("grad.")) {
    const Parameter* parameter = model.parameters().find(name.substr(5));
    ASSERT_TRUE(parameter) << name;
    EXPECT_TRUE(close(parameter->tensor.grad(), golden.tensor(name), 1e-4, 1e-3)) << name;
  }
}

// Rows that are scored, and what each is to say: packed labels; a causal model answers from the token before.
struct Scored {
  at::Tensor read, labels;
};
Scored scored(const Golden& golden, bool causal) {
  const at::Tensor mask = golden.tensor("attention_mask"), labels = unpadded(golden.tensor("labels"), mask);
  const Batch batch = batch_of(golden);
  std::vector<std::int64_t> read, wanted;
  for (std::int64_t b = 0; b < batch.size(); ++b) {
    for (std::int64_t n = batch.starts[b] + (causal ? 1 : 0); n < batch.starts[b + 1]; ++n) {
      const auto label = labels[n].item<std::int64_t>();
      if (label < 0) continue;
      read.push_back(causal ? n - 1 : n);
      wanted.push_back(label);
    }
  }
  return {at::tensor(read), at::tensor(wanted)};
}

TEST(Gpt2CausalGolden, HiddenStatesLogitsLossAndGradients) {
  OPEN_GOLDEN(golden, "gpt2-causal");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kLanguageModeling);
  expect_hidden_states(loaded.model.model(), golden);
  const PackedInput input(batch_of(golden), at::kCPU);
  const at::Tensor logits = logits_of(loaded.model, input, every_token(input));
  EXPECT_TRUE(close(logits, unpadded(golden.tensor("logits"), golden.tensor("attention_mask")), kSums));
  const Scored rows = scored(golden, true);
  const at::Tensor loss = at::cross_entropy_loss(logits_of(loaded.model, input, rows.read), rows.labels);
  EXPECT_NEAR(loss.item<double>(), golden.tensor("loss").item<double>(), kLoss);
  expect_gradients(loaded.model, loss, golden);
}

TEST(Gpt2HubLayoutGolden, LogitsOfTheLastToken) {
  OPEN_GOLDEN(golden, "gpt2-hub-layout");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kLanguageModeling);
  const PackedInput input(batch_of(golden), at::kCPU);
  std::vector<std::int64_t> last;
  for (std::int64_t b = 0; b < input.size(); ++b) last.push_back(input.host.starts[b + 1] - 1);
  EXPECT_TRUE(close(logits_of(loaded.model, input, at::tensor(last)), golden.tensor("last_logits"), kSums));
}

TEST(Gpt2ClassifierGolden, HiddenStatesLogitsLossAndGradients) {
  OPEN_GOLDEN(golden, "gpt2-seqcls");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kSequenceClassification);
  expect_hidden_states(loaded.model.model(), golden);
  const PackedInput input(batch_of(golden), at::kCPU);
  const at::Tensor logits = pooled_logits(loaded.model, input);
  EXPECT_TRUE(close(logits, golden.tensor("logits"), kSums));
  const at::Tensor loss = at::cross_entropy_loss(logits, golden.tensor("labels"));
  EXPECT_NEAR(loss.item<double>(), golden.tensor("loss").item<double>(), kLoss);
  expect_gradients(loaded.model, loss, golden);
}

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

TEST(BertClassifierGolden, HiddenStatesLogitsLossAndGradients) {
  OPEN_GOLDEN(golden, "bert-seqcls");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kSequenceClassification);
  expect_hidden_states(loaded.model.model(), golden);
  const PackedInput input(batch_of(golden), at::kCPU);
  const at::Tensor logits = pooled_logits(loaded.model, input);
  EXPECT_TRUE(close(logits, golden.tensor("logits"), kSums));
  const at::Tensor loss = at::cross_entropy_loss(logits, golden.tensor("labels"));
  EXPECT_NEAR(loss.item<double>(), golden.tensor("loss").item<double>(), kLoss);
  expect_gradients(loaded.model, loss, golden);
}

TEST(BertClassifierGolden, SegmentsCountAsZeroWhereNoneAreGiven) {
  OPEN_GOLDEN(golden, "bert-seqcls");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kSequenceClassification);
  const PackedInput input(packed(golden.tensor("input_ids"), golden.tensor("attention_mask")), at::kCPU);
  EXPECT_TRUE(close(pooled_logits(loaded.model, input), golden.tensor("no_segments.logits"), kSums));
}

TEST(BertMaskedLanguageModelGolden, HiddenStatesLogitsLossAndGradients) {
  OPEN_GOLDEN(golden, "bert-mlm");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kMaskedLanguageModeling);
  expect_hidden_states(loaded.model.model(), golden);
  const PackedInput input(batch_of(golden), at::kCPU);
  EXPECT_TRUE(close(logits_of(loaded.model, input, every_token(input)), unpadded(golden.tensor("logits"), golden.tensor("attention_mask")), kSums));
  const Scored rows = scored(golden, false);
  const at::Tensor loss = at::cross_entropy_loss(logits_of(loaded.model, input, rows.read), rows.labels);
  EXPECT_NEAR(loss.item<double>(), golden.tensor("loss").item<double>(), kLoss);
  expect_gradients(loaded.model, loss, golden);
}

TEST(BertHubLayoutGolden, LogitsOfSomeTokens) {
  OPEN_GOLDEN(golden, "bert-hub-layout");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kMaskedLanguageModeling);
  const PackedInput input(batch_of(golden), at::kCPU);
  const auto& starts = input.host.starts;
  const at::Tensor read = at::tensor(std::vector<std::int64_t>{starts[0] + 3, starts[1] + 4, starts[2] + 5});
  EXPECT_TRUE(close(logits_of(loaded.model, input, read), golden.tensor("some_logits"), kSums));
}

TEST(BertTokenClassifierGolden, HiddenStatesLogitsLossAndGradients) {
  OPEN_GOLDEN(golden, "bert-tokcls");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kTokenClassification);
  expect_hidden_states(loaded.model.model(), golden);
  const PackedInput input(batch_of(golden), at::kCPU);
  EXPECT_TRUE(close(logits_of(loaded.model, input, every_token(input)), unpadded(golden.tensor("logits"), golden.tensor("attention_mask")), kSums));
  const Scored rows = scored(golden, false);
  const at::Tensor loss = at::cross_entropy_loss(logits_of(loaded.model, input, rows.read), rows.labels);
  EXPECT_NEAR(loss.item<double>(), golden.tensor("loss").item<double>(), kLoss);
  expect_gradients(loaded.model, loss, golden);
}

TEST(BertSpanGolden, HiddenStatesAndLogits) {
  OPEN_GOLDEN(golden, "bert-qa");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kQuestionAnswering);
  expect_hidden_states(loaded.model.model(), golden);
  const PackedInput input(batch_of(golden), at::kCPU);
  const at::Tensor logits = logits_of(loaded.model, input, every_token(input));
  EXPECT_TRUE(close(logits.select(1, 0), unpadded(golden.tensor("start_logits"), golden.tensor("attention_mask")), kSums));
  EXPECT_TRUE(close(logits.select(1, 1), unpadded(golden.tensor("end_logits"), golden.tensor("attention_mask")), kSums));
}

TEST(PackingGolden, DocumentsOfOneRowDoNotSeeEachOther) {
  OPEN_GOLDEN(golden, "packing");
  nn::LoadedModel loaded = load(golden.folder().parent_path() / "gpt2-causal", HeadKind::kLanguageModeling);
  const at::Tensor ids = golden.tensor("input_ids")[0], labels = golden.tensor("labels")[0];
  Batch batch;
  for (const std::int64_t id : golden.integers("input_ids")) batch.ids.push_back(static_cast<std::int32_t>(id));
  for (const std::int64_t position : golden.integers("position_ids")) batch.positions.push_back(static_cast<std::int32_t>(position));
  batch.segments.assign(batch.ids.size(), 0);
  for (const std::int64_t start : golden.integers("cu_seqlens")) batch.starts.push_back(static_cast<std::int32_t>(start));
  batch.items = {0, 1, 2};
  const PackedInput input(batch, at::kCPU);
  const at::Tensor logits = logits_of(loaded.model, input, every_token(input));
  EXPECT_TRUE(close(logits, golden.tensor("gpt2.logits")[0], kSums));

  std::vector<at::Tensor> losses;  // [tokens of the document - 1] each
  for (std::int64_t b = 0; b < input.size(); ++b) {
    const std::int64_t first = batch.starts[b], scored = batch.starts[b + 1] - first - 1;
    losses.push_back(at::cross_entropy_loss(logits.narrow(0, first, scored), labels.narrow(0, first + 1, scored), {}, at::Reduction::None));
    EXPECT_NEAR(losses.back().mean().item<double>(), golden.tensor("gpt2.document_losses")[b].item<double>(), kLoss);
  }
  const at::Tensor loss = at::cat(losses).mean();
  EXPECT_NEAR(loss.item<double>(), golden.tensor("gpt2.loss").item<double>(), kLoss);
  loss.backward();
  double squares = 0;
  for (const Parameter& parameter : loaded.model.parameters().all()) squares += parameter.tensor.grad().square().sum().item<double>();
  const double expected = golden.tensor("gpt2.grad_norm").item<double>();
  EXPECT_NEAR(std::sqrt(squares), expected, 1e-4 * expected);
}

}  // namespace
}  // namespace temper
