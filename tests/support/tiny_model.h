// A model small enough for unit tests of what is built on models: two blocks of tanh(x W) with dropout, no attention, a classifier
// on the last token or a tied language model head. The next token can only be learned from the present one.
#pragma once

#include <deque>
#include <memory>

#include <ATen/ATen.h>
#include <temper/example.h>
#include <temper/torch/headed_model.h>

namespace temper::testing {

class TinyModel final : public Model {
 public:
  static constexpr std::int64_t kVocabulary = 23, kWidth = 12, kLayers = 2;

  explicit TinyModel(double dropout)
      : dropout_(dropout), embedding_(table_, "embed", kVocabulary, kWidth, 0.5), norm_(table_, "norm", kWidth, 1e-5, kLayers) {
    for (std::int64_t i = 0; i < kLayers; ++i) {
      const std::string name = "layer." + std::to_string(i) + ".dense";
      blocks_.emplace_back(table_, name, kWidth, kWidth, dense(i));
    }
  }

  ModelShape shape() const override { return {.layers = kLayers, .width = kWidth, .vocabulary = kVocabulary, .max_positions = 64}; }
  ParameterTable& parameters() override { return table_; }
  std::vector<HeadSpec> heads() const override {
    HeadLayer score, lm_head;
    score.name = "score";
    score.bias = false;
    lm_head.name = "lm_head";
    lm_head.out = kVocabulary;
    lm_head.bias = false;
    lm_head.tied_to = "embed.weight";
    return {{HeadKind::kSequenceClassification, "TinyForSequenceClassification", Pooling::kLast, {score}},
            {HeadKind::kLanguageModeling, "TinyForCausalLM", Pooling::kEach, {lm_head}}};
  }

  Tensor embed(const ForwardContext& context) override { return dropout(embedding_.forward(context.input->ids), dropout_, 0, context); }
  Tensor layer(std::int64_t index, const Tensor& x, const ForwardContext& context) override {
    const Tensor rows = context.read.defined() ? x.index_select(0, context.read) : x;
    return rows + dropout(blocks_[index].forward(rows, context).to(at::kFloat).tanh(), dropout_, 0, context);
  }
  Tensor finish(const Tensor& x, const ForwardContext&) override { return norm_.forward(x); }

 private:
  static LinearOptions dense(std::int64_t block) {
    LinearOptions options;
    options.init_std = 0.3;
    options.block = block;
    return options;
  }

  double dropout_;
  ParameterTable table_;
  Embedding embedding_;
  std::deque<Linear> blocks_;
  LayerNorm norm_;
};

inline HeadedModel tiny_classifier(double dropout, std::int64_t labels = 3, std::uint64_t seed = 1) {
  auto model = std::make_unique<TinyModel>(dropout);
  const HeadSpec head = model->heads()[0];
  HeadedModel headed(std::move(model), head, labels);
  initialize(headed.parameters(), seed);
  return headed;
}

inline HeadedModel tiny_language_model(double dropout, std::uint64_t seed = 1) {
  auto model = std::make_unique<TinyModel>(dropout);
  const HeadSpec head = model->heads()[1];
  HeadedModel headed(std::move(model), head, 0);
  initialize(headed.parameters(), seed);
  return headed;
}

// Sequences of 1 to 9 tokens; the class is the last token's number modulo the labels: it can be learned.
inline std::vector<Example> tiny_examples(std::int64_t count, std::int64_t labels = 3, std::uint64_t first_key = 1) {
  std::vector<Example> examples(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    Example& example = examples[static_cast<std::size_t>(i)];
    for (std::int64_t t = 0; t <= (i * 5) % 9; ++t) example.ids.push_back(static_cast<std::int32_t>((i * 7 + t * t * 3 + 1) % TinyModel::kVocabulary));
    example.labels = {example.ids.back() % labels};
    example.key = first_key + static_cast<std::uint64_t>(i);
  }
  return examples;
}

// The same with every token but the first to be predicted.
inline std::vector<Example> tiny_texts(std::int64_t count) {
  std::vector<Example> examples = tiny_examples(count);
  for (Example& example : examples) example.labels.assign(example.ids.begin(), example.ids.end());
  return examples;
}

}  // namespace temper::testing
