// Gemma (Gemma Team 2024), from and to Hugging Face's checkpoints: Llama's block with norms that keep their weight less 1, embeddings
// times the root of the width, heads of a width of their own.
//
// Shapes: N packed tokens, B sequences, C = hidden_size. Fields carry the checkpoint's names.
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <temper/torch/decoder.h>

namespace {

using at::Tensor;
using temper::ForwardContext;

struct Options : temper::DecoderOptions {
  double rms_norm_eps = 1e-6;
  bool attention_bias = false;
  bool use_bidirectional_attention = false;

  Options() {
    vocab_size = 256000;
    hidden_size = 3072;
    intermediate_size = 24576;
    num_hidden_layers = 28;
    num_attention_heads = 16;
    num_key_value_heads = 16;
    head_dim = 256;
    hidden_act = "gelu_pytorch_tanh";
    max_position_embeddings = 8192;
    tie_word_embeddings = true;
    pad_token_id = 0;
  }

  void visit(temper::OptionVisitor& v) {
    DecoderOptions::visit(v);
    v.option("rms_norm_eps", rms_norm_eps, "Added to the mean square in RMSNorm.").above(0);
    v.option("attention_bias", attention_bias, "The projections of attention have biases.");
    v.option("use_bidirectional_attention", use_bidirectional_attention, "Tokens see later ones; not supported.");
  }

  static Options checked(Options options) {
    if (options.hidden_act == "gelu") options.hidden_act = "gelu_pytorch_tanh";  // what early files meant
    temper::Problems problems;
    options.check("gemma", problems);
    if (options.use_bidirectional_attention) problems.add({}, "gemma: use_bidirectional_attention is true, only causal attention is supported");
    problems.throw_if_any();
    return options;
  }
};

class Block {
 public:
  Block(temper::ParameterTable& table, const Options& options, const temper::Rotary& rotary, std::int64_t index)
      : prefix_("model.layers." + std::to_string(index) + "."),
        input_layernorm(table, prefix_ + "input_layernorm", options.hidden_size, options.rms_norm_eps, index, true),
        self_attn(table, prefix_ + "self_attn.", options, {.qkv_bias = options.attention_bias, .out_bias = options.attention_bias}, rotary, index),
        post_attention_layernorm(table, prefix_ + "post_attention_layernorm", options.hidden_size, options.rms_norm_eps, index, true),
        mlp(table, prefix_ + "mlp.", options, false, index) {}

  Tensor forward(const Tensor& x, const ForwardContext& context) {  // [N, C] -> [N, C], or [B, C] of the tokens that are read
    const Tensor mixed = self_attn.forward(input_layernorm.forward(x, context), context);
    const Tensor h = temper::rows_to_compute(x, context) + mixed;
    return h + mlp.forward(post_attention_layernorm.forward(h, context), context);
  }

 private:
  std::string prefix_;
  temper::RmsNorm input_layernorm;
  temper::RotaryAttention self_attn;
  temper::RmsNorm post_attention_layernorm;
  temper::GatedFeedForward mlp;
};

class Gemma final : public temper::Model {
 public:
  explicit Gemma(Options options)
      : options_(Options::checked(std::move(options))), rotary_(temper::rotary_of(options_)),
        embed_tokens(table_, "model.embed_tokens", options_.vocab_size, options_.hidden_size, options_.initializer_range, options_.padding_row()) {
    for (std::int64_t i = 0; i < options_.num_hidden_layers; ++i) layers.push_back(std::make_unique<Block>(table_, options_, rotary_, i));
    norm.emplace(table_, "model.norm", options_.hidden_size, options_.rms_norm_eps, options_.num_hidden_layers, true);
  }

  temper::ModelShape shape() const override { return options_.shape(rotary_.longest()); }
  temper::ParameterTable& parameters() override { return table_; }

  Tensor embed(const ForwardContext& context) override {
    return embed_tokens.forward(context.input->ids) * std::sqrt(static_cast<float>(options_.hidden_size));
  }
  Tensor layer(std::int64_t index, const Tensor& x, const ForwardContext& context) override { return layers[index]->forward(x, context); }
  Tensor finish(const Tensor& x, const ForwardContext& context) override { return norm->forward(x, context); }

  std::vector<temper::HeadSpec> heads() const override {
    return temper::decoder_heads(options_, {.family = "Gemma", .embedding = "model.embed_tokens.weight", .has_question_answering = false});
  }
  std::string own_name(const std::string& name) const override {
    return temper::decoder_name(name, "model.", {"embed_tokens.", "layers.", "norm."});
  }

 private:
  Options options_;
  temper::ParameterTable table_;
  temper::Rotary rotary_;
  temper::Embedding embed_tokens;
  std::vector<std::unique_ptr<Block>> layers;
  std::optional<temper::RmsNorm> norm;
};

}  // namespace

TEMPER_CLAIMS("gemma")
TEMPER_PLUGIN(Model, Gemma, Options, "gemma", "Gemma: a causal language model with rotary positions and gated GELU.")
