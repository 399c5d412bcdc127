// GPT-2 (Radford et al. 2019), from and to Hugging Face's checkpoints.
//
// Shapes: N packed tokens, B sequences, C = n_embd, H = n_head, D = C / H, F = n_inner (4 C), V = vocab_size.
// Fields carry the checkpoint's names. Its projections are Conv1D: kept as [in, out].
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
  std::int64_t vocab_size = 50257;
  std::int64_t n_positions = 1024;
  std::int64_t n_embd = 768;
  std::int64_t n_layer = 12;
  std::int64_t n_head = 12;
  std::optional<std::int64_t> n_inner;
  std::string activation_function = "gelu_new";
  double resid_pdrop = 0.1;
  double embd_pdrop = 0.1;
  double attn_pdrop = 0.1;
  std::optional<double> classifier_dropout;
  double layer_norm_epsilon = 1e-5;
  double initializer_range = 0.02;
  bool scale_attn_weights = true;
  bool scale_attn_by_inverse_layer_idx = false;
  bool add_cross_attention = false;
  bool tie_word_embeddings = true;
  std::optional<std::int64_t> bos_token_id;
  std::optional<std::int64_t> eos_token_id;
  std::optional<std::int64_t> pad_token_id;

  void visit(temper::OptionVisitor& v) {
    v.option("vocab_size", vocab_size, "Rows of the token embedding.").at_least(1).in("tokens");
    v.option("n_positions", n_positions, "The longest sequence.").at_least(1).in("tokens");
    v.option("n_embd", n_embd, "Width of the model; a multiple of n_head.").at_least(1);
    v.option("n_layer", n_layer, "Number of blocks.").at_least(1).at_most(10000);
    v.option("n_head", n_head, "Attention heads of a block.").at_least(1);
    v.option("n_inner", n_inner, "Width of the feed-forward layer; by default 4 times n_embd.").at_least(1);
    v.option("activation_function", activation_function, "Activation of the feed-forward layer, by Hugging Face's names.");
    v.option("resid_pdrop", resid_pdrop, "Dropout of what a block adds to its input.").at_least(0).below(1);
    v.option("embd_pdrop", embd_pdrop, "Dropout of the embeddings.").at_least(0).below(1);
    v.option("attn_pdrop", attn_pdrop, "Dropout of the attention's probabilities.").at_least(0).below(1);
    v.option("classifier_dropout", classifier_dropout, "Dropout before a token classifier; by default 0.1.").at_least(0).below(1);
    v.option("layer_norm_epsilon", layer_norm_epsilon, "Added to the variance in LayerNorm.").above(0);
    v.option("initializer_range", initializer_range, "Standard deviation of initial weights.").at_least(0);
    v.option("scale_attn_weights", scale_attn_weights, "Divide attention scores by the root of the head width.");
    v.option("scale_attn_by_inverse_layer_idx", scale_attn_by_inverse_layer_idx, "Divide attention scores also by the number of the block, counted from 1.");
    v.option("add_cross_attention", add_cross_attention, "Attention to an encoder; not supported.");
    v.option("tie_word_embeddings", tie_word_embeddings, "The language-modelling head uses the token embedding.");
    v.option("bos_token_id", bos_token_id, "Id of the token that begins a text.").at_least(0);
    v.option("eos_token_id", eos_token_id, "Id of the token that ends a text.").at_least(0);
    v.option("pad_token_id", pad_token_id, "Id that classification skips at the end of a text.");
  }
};

// Places of dropout within a layer.
enum Site { kEmbedding, kProbabilities, kAttention, kFeedForward };

// Pre-norm block (Radford et al. 2019, section 2.3).
class Block {
 public:
  Block(temper::ParameterTable& table, const Options& options, std::int64_t index)
      : options_(options), prefix_("transformer.h." + std::to_string(index) + "."),
        ln_1(table, prefix_ + "ln_1", options.n_embd, options.layer_norm_epsilon, index),
        c_attn(table, prefix_ + "attn.c_attn", options.n_embd, 3 * options.n_embd, projection(index, 1)),
        attn_c_proj(table, prefix_ + "attn.c_proj", options.n_embd, options.n_embd, projection(index, residual_scale())),
        ln_2(table, prefix_ + "ln_2", options.n_embd, options.layer_norm_epsilon, index),
        c_fc(table, prefix_ + "mlp.c_fc", options.n_embd, inner(), projection(index, 1)),
        c_proj(table, prefix_ + "mlp.c_proj", inner(), options.n_embd, projection(index, residual_scale())) {
    attention_.causal = true;
    attention_.scale = options.scale_attn_weights ? 1 / std::sqrt(static_cast<double>(options.n_embd / options.n_head)) : 1;
    if (options.scale_attn_by_inverse_layer_idx) attention_.scale /= static_cast<double>(index + 1);
    attention_.dropout = options.attn_pdrop;
    attention_.site = kProbabilities;
  }

  Tensor forward(const Tensor& x, const ForwardContext& context) {  // x [N, C]
    const Tensor mixed = attention(ln_1.forward(x), context);        // [N, C], or [B, C] of the tokens that are read
    const Tensor rows = context.read.defined() ? x.index_select(0, context.read) : x;
    const Tensor h = rows + temper::dropout(mixed, options_.resid_pdrop, kAttention, context);
    return h + temper::dropout(feed_forward(ln_2.forward(h), context), options_.resid_pdrop, kFeedForward, context);
  }

 private:
  Tensor attention(const Tensor& x, const ForwardContext& context) {
    const Tensor qkv = c_attn.forward(x, context).unflatten(1, {3 * options_.n_head, -1});  // [N, 3 H, D]
    const auto parts = qkv.split(options_.n_head, 1);                                       // each [N, H, D]
    const Tensor q = context.read.defined() ? parts[0].index_select(0, context.read) : parts[0];
    return attn_c_proj.forward(temper::attend(q, parts[1], parts[2], attention_, context), context);
  }

  Tensor feed_forward(const Tensor& x, const ForwardContext& context) {
    return c_proj.forward(temper::activation(options_.activation_function, c_fc.forward(x, context)), context);
  }

  std::int64_t inner() const { return options_.n_inner.value_or(4 * options_.n_embd); }
  // The weights that write to the residual stream begin smaller, as there are two per block (section 2.3).
  double residual_scale() const { return 1 / std::sqrt(2.0 * static_cast<double>(options_.n_layer)); }
  temper::LinearOptions projection(std::int64_t index, double scale) const {
    temper::LinearOptions linear;
    linear.transposed = true;
    linear.init_std = options_.initializer_range * scale;
    linear.block = index;
    return linear;
  }

  const Options& options_;
  std::string prefix_;
  temper::LayerNorm ln_1;
  temper::Linear c_attn, attn_c_proj;
  temper::LayerNorm ln_2;
  temper::Linear c_fc, c_proj;
  temper::AttentionOptions attention_;
};

class Gpt2 final : public temper::Model {
 public:
  explicit Gpt2(Options options)
      : options_(checked(std::move(options))),
        wte(table_, "transformer.wte", options_.vocab_size, options_.n_embd, options_.initializer_range),
        wpe(table_, "transformer.wpe", options_.n_positions, options_.n_embd, options_.initializer_range) {
    for (std::int64_t i = 0; i < options_.n_layer; ++i) h.push_back(std::make_unique<Block>(table_, options_, i));
    ln_f.emplace(table_, "transformer.ln_f", options_.n_embd, options_.layer_norm_epsilon, options_.n_layer);
  }

  temper::ModelShape shape() const override {
    temper::ModelShape shape;
    shape.layers = options_.n_layer;
    shape.width = options_.n_embd;
    shape.vocabulary = options_.vocab_size;
    shape.max_positions = options_.n_positions;
    shape.causal = true;
    shape.pad_id = options_.pad_token_id.value_or(-1);
    return shape;
  }
  temper::ParameterTable& parameters() override { return table_; }

  Tensor embed(const ForwardContext& context) override {
    const Tensor x = wte.forward(context.input->ids) + wpe.forward(context.input->positions);  // [N, C]
    return temper::dropout(x, options_.embd_pdrop, kEmbedding, context);
  }
  Tensor layer(std::int64_t index, const Tensor& x, const ForwardContext& context) override { return h[index]->forward(x, context); }
  Tensor finish(const Tensor& x, const ForwardContext& context) override { return ln_f->forward(x); }

  std::vector<temper::HeadSpec> heads() const override {
    using temper::HeadKind, temper::Pooling;
    temper::HeadLayer score = head_layer("score");
    score.bias = false;
    temper::HeadLayer lm_head = head_layer("lm_head");
    lm_head.bias = false;
    lm_head.out = options_.vocab_size;
    if (options_.tie_word_embeddings) lm_head.tied_to = "transformer.wte.weight";
    temper::HeadLayer classifier = head_layer("classifier");
    classifier.dropout = options_.classifier_dropout.value_or(0.1);
    temper::HeadLayer qa_outputs = head_layer("qa_outputs");
    qa_outputs.out = 2;  // begin and end of the span
    return {{HeadKind::kSequenceClassification, "GPT2ForSequenceClassification", Pooling::kLast, {score}},
            {HeadKind::kLanguageModeling, "GPT2LMHeadModel", Pooling::kEach, {lm_head}},
            {HeadKind::kTokenClassification, "GPT2ForTokenClassification", Pooling::kEach, {classifier}},
            {HeadKind::kQuestionAnswering, "GPT2ForQuestionAnswering", Pooling::kEach, {qa_outputs}}};
  }

  // Published files lack the prefix and carry the causal mask as a buffer.
  std::string own_name(const std::string& name) const override {
    if (name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias")) return {};
    for (const char* start : {"wte.", "wpe.", "h.", "ln_f."}) {
      if (name.starts_with(start)) return "transformer." + name;
    }
    return name;
  }

 private:
  static Options checked(Options options) {
    temper::Problems problems;
    if (options.n_embd % options.n_head != 0) {
      problems.add({}, "gpt2: n_embd is " + std::to_string(options.n_embd) + ", which is not a multiple of n_head, " + std::to_string(options.n_head));
    }
    if (!temper::is_activation(options.activation_function)) {
      problems.add({}, "gpt2: there is no activation_function \"" + options.activation_function + "\"");
    }
    if (options.add_cross_attention) problems.add({}, "gpt2: add_cross_attention is true, attention to an encoder is not supported");
    problems.throw_if_any();
    return options;
  }

  temper::HeadLayer head_layer(const char* name) const {
    temper::HeadLayer layer;
    layer.name = name;
    layer.init_std = options_.initializer_range;
    return layer;
  }

  Options options_;
  temper::ParameterTable table_;
  temper::Embedding wte, wpe;
  std::vector<std::unique_ptr<Block>> h;
  std::optional<temper::LayerNorm> ln_f;
};

}  // namespace

TEMPER_CLAIMS("gpt2")
TEMPER_PLUGIN(Model, Gpt2, Options, "gpt2", "GPT-2: a causal language model with learnt positions.")
