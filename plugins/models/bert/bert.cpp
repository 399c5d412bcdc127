// BERT (Devlin et al. 2019), from and to Hugging Face's checkpoints.
//
// Shapes: N packed tokens, B sequences, C = hidden_size, H = num_attention_heads, D = C / H, F = intermediate_size.
// Fields carry the checkpoint's names.
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <temper/error.h>
#include <temper/torch/model.h>

namespace {

using at::Tensor;
using temper::ForwardContext;

struct Options {
  std::int64_t vocab_size = 30522;
  std::int64_t hidden_size = 768;
  std::int64_t num_hidden_layers = 12;
  std::int64_t num_attention_heads = 12;
  std::int64_t intermediate_size = 3072;
  std::int64_t max_position_embeddings = 512;
  std::int64_t type_vocab_size = 2;
  std::string hidden_act = "gelu";
  double hidden_dropout_prob = 0.1;
  double attention_probs_dropout_prob = 0.1;
  std::optional<double> classifier_dropout;
  double layer_norm_eps = 1e-12;
  double initializer_range = 0.02;
  std::optional<std::int64_t> pad_token_id = 0;
  std::string position_embedding_type = "absolute";
  bool is_decoder = false;
  bool add_cross_attention = false;
  bool tie_word_embeddings = true;

  void visit(temper::OptionVisitor& v) {
    v.option("vocab_size", vocab_size, "Rows of the token embedding.").at_least(1).in("tokens");
    v.option("hidden_size", hidden_size, "Width of the model; a multiple of num_attention_heads.").at_least(1);
    v.option("num_hidden_layers", num_hidden_layers, "Number of blocks.").at_least(1).at_most(10000);
    v.option("num_attention_heads", num_attention_heads, "Attention heads of a block.").at_least(1);
    v.option("intermediate_size", intermediate_size, "Width of the feed-forward layer.").at_least(1);
    v.option("max_position_embeddings", max_position_embeddings, "The longest sequence.").at_least(1).in("tokens");
    v.option("type_vocab_size", type_vocab_size, "Kinds of segments.").at_least(1);
    v.option("hidden_act", hidden_act, "Activation of the feed-forward layer, by Hugging Face's names.");
    v.option("hidden_dropout_prob", hidden_dropout_prob, "Dropout of the embeddings and of what a block adds to its input.").at_least(0).below(1);
    v.option("attention_probs_dropout_prob", attention_probs_dropout_prob, "Dropout of the attention's probabilities.").at_least(0).below(1);
    v.option("classifier_dropout", classifier_dropout, "Dropout before a classifier; by default hidden_dropout_prob.").at_least(0).below(1);
    v.option("layer_norm_eps", layer_norm_eps, "Added to the variance in LayerNorm.").above(0);
    v.option("initializer_range", initializer_range, "Standard deviation of initial weights.").at_least(0);
    v.option("pad_token_id", pad_token_id, "Id of the token whose embedding stays zero and untrained.");
    v.option("position_embedding_type", position_embedding_type, "How positions enter; only absolute, learnt ones are supported.");
    v.option("is_decoder", is_decoder, "Causal attention; not supported.");
    v.option("add_cross_attention", add_cross_attention, "Attention to an encoder; not supported.");
    v.option("tie_word_embeddings", tie_word_embeddings, "The masked-language-modelling head uses the token embedding.");
  }
};

// Places of dropout within a layer.
enum Site { kEmbedding, kProbabilities, kAttention, kFeedForward };

temper::LinearOptions linear(const Options& options, std::int64_t block) {
  temper::LinearOptions linear;
  linear.init_std = options.initializer_range;
  linear.block = block;
  return linear;
}

// Post-norm block (Vaswani et al. 2017, section 3.1).
class Block {
 public:
  Block(temper::ParameterTable& table, const Options& options, std::int64_t index)
      : options_(options), prefix_("bert.encoder.layer." + std::to_string(index) + "."),
        query(table, prefix_ + "attention.self.query", options.hidden_size, options.hidden_size, linear(options, index)),
        key(table, prefix_ + "attention.self.key", options.hidden_size, options.hidden_size, linear(options, index)),
        value(table, prefix_ + "attention.self.value", options.hidden_size, options.hidden_size, linear(options, index)),
        attention_output(table, prefix_ + "attention.output.dense", options.hidden_size, options.hidden_size, linear(options, index)),
        attention_norm(table, prefix_ + "attention.output.LayerNorm", options.hidden_size, options.layer_norm_eps, index),
        intermediate(table, prefix_ + "intermediate.dense", options.hidden_size, options.intermediate_size, linear(options, index)),
        output(table, prefix_ + "output.dense", options.intermediate_size, options.hidden_size, linear(options, index)),
        output_norm(table, prefix_ + "output.LayerNorm", options.hidden_size, options.layer_norm_eps, index) {
    attention_.causal = false;
    attention_.scale = 1 / std::sqrt(static_cast<double>(options.hidden_size / options.num_attention_heads));
    attention_.dropout = options.attention_probs_dropout_prob;
    attention_.site = kProbabilities;
  }

  Tensor forward(const Tensor& x, const ForwardContext& context) {  // x [N, C]
    const Tensor rows = context.read.defined() ? x.index_select(0, context.read) : x;  // [N, C], or [B, C] of the tokens that are read
    const Tensor mixed = temper::attend(by_head(query.forward(rows, context)), by_head(key.forward(x, context)),
                                        by_head(value.forward(x, context)), attention_, context);
    const Tensor h = attention_norm.forward(rows + dropped(attention_output.forward(mixed, context), kAttention, context));
    const Tensor inner = temper::activation(options_.hidden_act, intermediate.forward(h, context));  // [N, F]
    return output_norm.forward(h + dropped(output.forward(inner, context), kFeedForward, context));
  }

 private:
  Tensor by_head(const Tensor& x) const { return x.unflatten(1, {options_.num_attention_heads, -1}); }  // [N, H, D]
  Tensor dropped(const Tensor& x, Site site, const ForwardContext& context) const {
    return temper::dropout(x, options_.hidden_dropout_prob, site, context);
  }

  const Options& options_;
  std::string prefix_;
  temper::Linear query, key, value, attention_output;
  temper::LayerNorm attention_norm;
  temper::Linear intermediate, output;
  temper::LayerNorm output_norm;
  temper::AttentionOptions attention_;
};

class Bert final : public temper::Model {
 public:
  explicit Bert(Options options)
      : options_(checked(std::move(options))),
        word_embeddings(table_, "bert.embeddings.word_embeddings", options_.vocab_size, options_.hidden_size,
                        options_.initializer_range, options_.pad_token_id.value_or(-1)),
        position_embeddings(table_, "bert.embeddings.position_embeddings", options_.max_position_embeddings, options_.hidden_size,
                            options_.initializer_range),
        token_type_embeddings(table_, "bert.embeddings.token_type_embeddings", options_.type_vocab_size, options_.hidden_size,
                              options_.initializer_range),
        embedding_norm(table_, "bert.embeddings.LayerNorm", options_.hidden_size, options_.layer_norm_eps, -1) {
    for (std::int64_t i = 0; i < options_.num_hidden_layers; ++i) layers_.push_back(std::make_unique<Block>(table_, options_, i));
  }

  temper::ModelShape shape() const override {
    temper::ModelShape shape;
    shape.layers = options_.num_hidden_layers;
    shape.width = options_.hidden_size;
    shape.vocabulary = options_.vocab_size;
    shape.max_positions = options_.max_position_embeddings;
    shape.causal = false;
    shape.pad_id = options_.pad_token_id.value_or(-1);
    shape.has_segments = true;
    return shape;
  }
  temper::ParameterTable& parameters() override { return table_; }

  Tensor embed(const ForwardContext& context) override {
    const temper::PackedInput& input = *context.input;
    for (const std::int32_t segment : input.host.segments) {
      if (segment < 0 || segment >= options_.type_vocab_size) {
        throw temper::Error("token type " + std::to_string(segment) + " is outside the model's " + std::to_string(options_.type_vocab_size));
      }
    }
    const Tensor x = word_embeddings.forward(input.ids) + token_type_embeddings.forward(input.segments) +
                     position_embeddings.forward(input.positions);  // [N, C]
    return temper::dropout(embedding_norm.forward(x), options_.hidden_dropout_prob, kEmbedding, context);
  }
  Tensor layer(std::int64_t index, const Tensor& x, const ForwardContext& context) override { return layers_[index]->forward(x, context); }
  Tensor finish(const Tensor& x, const ForwardContext& context) override { return x; }

  std::vector<temper::HeadSpec> heads() const override {
    using temper::HeadKind, temper::Pooling;
    temper::HeadLayer pooler = head_layer("bert.pooler.dense", options_.hidden_size);
    pooler.activation = "tanh";
    temper::HeadLayer classifier = head_layer("classifier", 0);
    classifier.dropout = options_.classifier_dropout.value_or(options_.hidden_dropout_prob);
    const temper::HeadLayer qa_outputs = head_layer("qa_outputs", 2);  // begin and end of the span
    temper::HeadLayer transform = head_layer("cls.predictions.transform.dense", options_.hidden_size);
    transform.activation = options_.hidden_act;
    transform.norm = "cls.predictions.transform.LayerNorm";
    transform.norm_epsilon = options_.layer_norm_eps;
    temper::HeadLayer decoder = head_layer("cls.predictions.decoder", options_.vocab_size);
    decoder.bias_name = "cls.predictions.bias";
    if (options_.tie_word_embeddings) decoder.tied_to = "bert.embeddings.word_embeddings.weight";
    return {{HeadKind::kSequenceClassification, "BertForSequenceClassification", Pooling::kFirst, {pooler, classifier}},
            {HeadKind::kTokenClassification, "BertForTokenClassification", Pooling::kEach, {classifier}},
            {HeadKind::kQuestionAnswering, "BertForQuestionAnswering", Pooling::kEach, {qa_outputs}},
            {HeadKind::kMaskedLanguageModeling, "BertForMaskedLM", Pooling::kEach, {transform, decoder}}};
  }

  // Encoders published alone lack the prefix; the oldest files call a norm's weight and bias gamma and beta; positions are
  // sometimes kept as a buffer; the next-sentence head has no use here; a written-out decoder repeats the head's bias.
  std::string own_name(const std::string& name_in_file) const override {
    std::string name = name_in_file;
    for (const auto& [old_end, new_end] : {std::pair<std::string, std::string>{".LayerNorm.gamma", ".LayerNorm.weight"}, {".LayerNorm.beta", ".LayerNorm.bias"}}) {
      if (name.ends_with(old_end)) name.replace(name.size() - old_end.size(), old_end.size(), new_end);
    }
    for (const char* start : {"embeddings.", "encoder.", "pooler."}) {
      if (name.starts_with(start)) name = "bert." + name;
    }
    if (name == "bert.embeddings.position_ids" || name == "bert.embeddings.token_type_ids") return {};
    if (name.starts_with("cls.seq_relationship.") || name == "cls.predictions.decoder.bias") return {};
    return name;
  }

 private:
  static Options checked(Options options) {
    temper::Problems problems;
    if (options.hidden_size % options.num_attention_heads != 0) {
      problems.add({}, "bert: hidden_size is " + std::to_string(options.hidden_size) + ", which is not a multiple of num_attention_heads, " +
                           std::to_string(options.num_attention_heads));
    }
    if (!temper::is_activation(options.hidden_act)) problems.add({}, "bert: there is no hidden_act \"" + options.hidden_act + "\"");
    if (options.position_embedding_type != "absolute") {
      problems.add({}, "bert: position_embedding_type is \"" + options.position_embedding_type + "\", only \"absolute\" is supported");
    }
    if (options.is_decoder) problems.add({}, "bert: is_decoder is true, causal attention is not supported");
    if (options.add_cross_attention) problems.add({}, "bert: add_cross_attention is true, attention to an encoder is not supported");
    problems.throw_if_any();
    return options;
  }

  temper::HeadLayer head_layer(const char* name, std::int64_t out) const {
    temper::HeadLayer layer;
    layer.name = name;
    layer.out = out;
    layer.init_std = options_.initializer_range;
    return layer;
  }

  Options options_;
  temper::ParameterTable table_;
  temper::Embedding word_embeddings, position_embeddings, token_type_embeddings;
  temper::LayerNorm embedding_norm;
  std::vector<std::unique_ptr<Block>> layers_;
};

}  // namespace

TEMPER_CLAIMS("bert")
TEMPER_PLUGIN(Model, Bert, Options, "bert", "BERT: an encoder of texts, read in both directions.")
