// Phi 1, 1.5 and 2 (Gunasekar et al. 2023, Li et al. 2023), from and to Hugging Face's checkpoints.
//
// Shapes: N packed tokens, B sequences, C = hidden_size. Fields carry the checkpoint's names.
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <temper/torch/decoder.h>

namespace {

using at::Tensor;
using temper::ForwardContext;

struct Options : temper::DecoderOptions {
  double layer_norm_eps = 1e-5;
  double embd_pdrop = 0, resid_pdrop = 0;
  bool qk_layernorm = false;

  Options() {
    vocab_size = 51200;
    hidden_size = 2048;
    intermediate_size = 8192;
    num_hidden_layers = 24;
    hidden_act = "gelu_new";
    rotary_share = 0.5;
  }

  void visit(temper::OptionVisitor& v) {
    DecoderOptions::visit(v);
    v.option("layer_norm_eps", layer_norm_eps, "Added to the variance in LayerNorm.").above(0);
    v.option("embd_pdrop", embd_pdrop, "Dropout of the embeddings.").at_least(0).below(1);
    v.option("resid_pdrop", resid_pdrop, "Dropout of what a block adds to its input.").at_least(0).below(1);
    v.option("qk_layernorm", qk_layernorm, "Queries and keys are normed per head.");
  }

  temper::RotaryAttentionOptions attention() const {
    temper::RotaryAttentionOptions attention{.qkv_bias = true, .out_bias = true, .out_name = "dense"};
    if (qk_layernorm) attention.norm = temper::HeadNorm::kLayer;
    attention.q_norm = "q_layernorm";
    attention.k_norm = "k_layernorm";
    attention.norm_epsilon = layer_norm_eps;
    return attention;
  }

  temper::LayerNorm norm(temper::ParameterTable& table, const std::string& name, std::int64_t block) const {
    return {table, name, hidden_size, layer_norm_eps, block};
  }

  static Options checked(Options options) {
    temper::Problems problems;
    options.check("phi", problems);
    problems.throw_if_any();
    return options;
  }
};

// Places of dropout within a layer, beside the attention's own.
enum Site { kAttention = 1, kFeedForward, kEmbedding };

// Attention and feed-forward layer side by side, on one norm.
class Block {
 public:
  Block(temper::ParameterTable& table, const std::string& prefix, const Options& options, const temper::Rotary& rotary, std::int64_t index)
      : options_(options), input_layernorm(options.norm(table, prefix + "input_layernorm", index)), self_attn(table, prefix + "self_attn.", options, options.attention(), rotary, index),
        fc1(table, prefix + "mlp.fc1", options.hidden_size, options.intermediate_size, options.linear(index, true)),
        fc2(table, prefix + "mlp.fc2", options.intermediate_size, options.hidden_size, options.linear(index, true)) {}

  Tensor forward(const Tensor& x, const ForwardContext& context) {  // [N, C] -> [N, C], or [B, C] of the tokens that are read
    const Tensor normed = temper::for_products(input_layernorm.forward(x), context);
    const Tensor mixed = self_attn.forward(normed, context);
    const Tensor inner = temper::activation(options_.hidden_act, fc1.forward(temper::rows_to_compute(normed, context), context));
    return temper::rows_to_compute(x, context) + temper::dropout(mixed, options_.resid_pdrop, kAttention, context) +
           temper::dropout(fc2.forward(inner, context), options_.resid_pdrop, kFeedForward, context);
  }

 private:
  const Options& options_;
  temper::LayerNorm input_layernorm;
  temper::RotaryAttention self_attn;
  temper::Linear fc1, fc2;
};

class Phi final : public temper::Decoder<Options, Block> {
 public:
  explicit Phi(Options options) : Decoder(Options::checked(std::move(options)), {.prefix = "model.", .embedding = "embed_tokens", .norm = "final_layernorm"}) {}

  Tensor embed(const ForwardContext& context) override {
    return temper::dropout(Decoder::embed(context), options_.embd_pdrop, kEmbedding, context);
  }

  std::vector<temper::HeadSpec> heads() const override {
    return temper::decoder_heads(options_, {.family = "Phi", .embedding = "model.embed_tokens.weight", .lm_bias = true, .has_question_answering = false});
  }
};

}  // namespace

TEMPER_CLAIMS("phi")
TEMPER_PLUGIN(Model, Phi, Options, "phi", "Phi 1 to 2: causal language models with partly rotary positions.")
