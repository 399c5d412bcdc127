// A small causal model for tests, and its faulty variants: each breaks one promise of the model contract.
#pragma once

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <temper/torch/headed_model.h>
#include <temper/torch/model.h>

namespace temper::testing {

enum class ModelFault {
  kNone,
  kNarrowFinish,
  kMixesSequences,
  kSeesTheFuture,
  kReadsOtherRows,
  kNamesATensorTwice,
  kUnusedParameter,
  kOtherInBf16,
  kDropsInEvaluation,
  kDropsAtRandom,
  kForgetsAName,
  kCountsItsModels,
  kCountsPositionsFromZero,
};

// Shapes: N packed tokens, C width, H heads. Pre-norm blocks of attention and one linear layer.
class SmallModel final : public Model {
 public:
  explicit SmallModel(ModelFault fault = ModelFault::kNone) : fault_(fault), tokens_(table_, "tokens", kVocabulary, kWidth, 0.3), positions_(table_, "positions", kPositions, kWidth, 0.3) {
    static int made = 0;
    ++made;
    for (std::int64_t i = 0; i < kLayers; ++i) {
      const std::string name = "blocks." + std::to_string(i) + ".";
      LinearOptions options;
      options.init_std = fault == ModelFault::kCountsItsModels ? 0.2 + 0.01 * made : 0.2;
      options.block = i;
      options.transposed = i == 1;
      blocks_.push_back({LayerNorm(table_, name + "norm", kWidth, 1e-5, i), Linear(table_, name + "qkv", kWidth, 3 * kWidth, options),
                         Linear(table_, name + "out", kWidth, kWidth, options), Linear(table_, name + "mix", kWidth, kWidth, options)});
    }
    norm_.emplace(table_, "norm", kWidth, 1e-5, kLayers);
    if (fault == ModelFault::kUnusedParameter) unused_.emplace(table_, "unused", kWidth, 1e-5, 0);
    if (fault == ModelFault::kNamesATensorTwice) {
      Parameter again = *table_.find("norm.weight");
      again.name = "again.weight";
      table_.add(again);
    }
  }

  ModelShape shape() const override {
    ModelShape shape;
    shape.layers = kLayers;
    shape.width = kWidth;
    shape.vocabulary = kVocabulary;
    shape.max_positions = kPositions;
    shape.causal = true;
    shape.pad_id = 0;
    return shape;
  }
  ParameterTable& parameters() override { return table_; }

  Tensor embed(const ForwardContext& context) override {
    const Tensor x = tokens_.forward(context.input->ids) + positions_.forward(positions_of(*context.input));
    return fault_ == ModelFault::kMixesSequences ? x + x[0] : x;
  }

  Tensor layer(std::int64_t index, const Tensor& x, const ForwardContext& given) override {
    Block& block = blocks_[index];
    ForwardContext context = given;
    if (fault_ == ModelFault::kDropsInEvaluation) context.training = true;
    const auto parts = block.qkv.forward(block.norm.forward(x), context).unflatten(1, {3 * kHeads, -1}).split(kHeads, 1);
    const bool reads = context.read.defined();
    AttentionOptions attention;
    attention.causal = fault_ != ModelFault::kSeesTheFuture;
    attention.scale = 1 / std::sqrt(static_cast<double>(kWidth / kHeads));
    attention.dropout = 0.2;
    attention.site = 1;
    const Tensor mixed = attend(reads ? parts[0].index_select(0, context.read) : parts[0], parts[1], parts[2], attention, context);
    Tensor rows = x;
    if (reads) rows = fault_ == ModelFault::kReadsOtherRows ? x.narrow(0, 0, context.read.size(0)) : x.index_select(0, context.read);
    Tensor h = rows + dropout(block.out.forward(mixed, context), 0.1, 2, context);
    if (fault_ == ModelFault::kDropsAtRandom && context.training) h = at::dropout(h, 0.5, true);
    return h + block.mix.forward(activation("gelu", h), context);
  }

  Tensor finish(const Tensor& x, const ForwardContext& context) override {
    const Tensor y = norm_->forward(x);
    if (fault_ == ModelFault::kOtherInBf16 && context.bf16) return 2 * y;
    return fault_ == ModelFault::kNarrowFinish ? y.narrow(1, 1, kWidth - 1) : y;
  }

  std::vector<HeadSpec> heads() const override {
    HeadLayer classifier, decoder;
    classifier.name = "classifier";
    classifier.dropout = 0.1;
    decoder.name = "decoder";
    decoder.tied_to = "tokens.weight";
    decoder.bias = false;
    return {{HeadKind::kSequenceClassification, "SmallForSequenceClassification", Pooling::kLast, {classifier}},
            {HeadKind::kLanguageModeling, "SmallForLanguageModeling", Pooling::kEach, {decoder}}};
  }

  std::string own_name(const std::string& name) const override {
    return fault_ == ModelFault::kForgetsAName && name == "norm.bias" ? "" : name;
  }

 private:
  Tensor positions_of(const PackedInput& input) const {
    if (fault_ != ModelFault::kCountsPositionsFromZero) return input.positions;
    const Tensor positions = input.positions.clone();
    for (std::int64_t b = 0; b < input.size(); ++b) {
      const std::int64_t first = input.host.starts[static_cast<std::size_t>(b)];
      Tensor own = positions.narrow(0, first, input.host.starts[static_cast<std::size_t>(b) + 1] - first);
      own.sub_(own[0].clone());
    }
    return positions;
  }

  static constexpr std::int64_t kVocabulary = 23, kPositions = 16, kWidth = 24, kHeads = 3, kLayers = 2;
  struct Block {
    LayerNorm norm;
    Linear qkv, out, mix;
  };
  ModelFault fault_;
  ParameterTable table_;
  Embedding tokens_, positions_;
  std::vector<Block> blocks_;
  std::optional<LayerNorm> norm_, unused_;
};

// With its language-modelling head, and weights from a fixed seed.
inline HeadedModel small_language_model() {
  auto model = std::make_unique<SmallModel>();
  HeadSpec head;
  for (const HeadSpec& candidate : model->heads()) {
    if (candidate.kind == HeadKind::kLanguageModeling) head = candidate;
  }
  HeadedModel headed(std::move(model), head, 0);
  initialize(headed.parameters(), 3);
  return headed;
}

}  // namespace temper::testing
