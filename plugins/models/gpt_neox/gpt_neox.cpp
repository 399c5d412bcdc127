// GPT-NeoX (Black et al. 2022) and Pythia (Biderman et al. 2023), from and to Hugging Face's checkpoints.
//
// Shapes: N packed tokens, B sequences, C = hidden_size, H = num_attention_heads, D = C / H. Fields carry the checkpoint's names.
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <temper/torch/decoder.h>

namespace {

using at::Tensor;
using temper::ForwardContext;

struct Options : temper::DecoderOptions {
  double layer_norm_eps = 1e-5;
  double hidden_dropout = 0;
  bool use_parallel_residual = true;
  bool attention_bias = true;
  std::optional<double> rotary_pct, rotary_emb_base;

  Options() {
    vocab_size = 50432;
    hidden_size = 6144;
    intermediate_size = 24576;
    num_hidden_layers = 44;
    num_attention_heads = 64;
    hidden_act = "gelu";
    rotary_share = 0.25;
  }

  void visit(temper::OptionVisitor& v) {
    DecoderOptions::visit(v);
    v.option("layer_norm_eps", layer_norm_eps, "Added to the variance in LayerNorm.").above(0);
    v.option("hidden_dropout", hidden_dropout, "Dropout of the embeddings and of what a block adds to its input.").at_least(0).below(1);
    v.option("use_parallel_residual", use_parallel_residual, "Attention and feed-forward layer read the same input.");
    v.option("attention_bias", attention_bias, "The projections of attention have biases.");
    v.option("rotary_pct", rotary_pct, "What transformers 4 called partial_rotary_factor.").above(0).at_most(1);
    v.option("rotary_emb_base", rotary_emb_base, "What transformers 4 called rope_theta.").above(0);
  }

  temper::LayerNorm norm(temper::ParameterTable& table, const std::string& name, std::int64_t block) const {
    return {table, name, hidden_size, layer_norm_eps, block};
  }

  static Options checked(Options options) {
    options.num_key_value_heads = options.head_dim = std::nullopt;  // not of this family
    if (options.rotary_pct) options.rotary.partial_rotary_factor = options.rotary_pct;
    if (options.rotary_emb_base) options.rotary.rope_theta = options.rotary_emb_base;
    temper::Problems problems;
    options.check("gpt_neox", problems);
    problems.throw_if_any();
    return options;
  }
};

// Places of dropout within a layer.
enum Site { kProbabilities, kAttention, kFeedForward, kEmbedding };

class Block {
 public:
  Block(temper::ParameterTable& table, const std::string& prefix, const Options& options, const temper::Rotary& rotary, std::int64_t index)
      : options_(options), rotary_(rotary), input_layernorm(options.norm(table, prefix + "input_layernorm", index)),
        post_attention_layernorm(options.norm(table, prefix + "post_attention_layernorm", index)),
        query_key_value(table, prefix + "attention.query_key_value", options.hidden_size, 3 * options.hidden_size, options.linear(index, options.attention_bias)),
        dense(table, prefix + "attention.dense", options.hidden_size, options.hidden_size, options.linear(index, options.attention_bias)),
        dense_h_to_4h(table, prefix + "mlp.dense_h_to_4h", options.hidden_size, options.intermediate_size, options.linear(index, true)),
        dense_4h_to_h(table, prefix + "mlp.dense_4h_to_h", options.intermediate_size, options.hidden_size, options.linear(index, true)) {
    attention_.scale = 1 / std::sqrt(static_cast<double>(options.head_width()));
    attention_.dropout = options.attention_dropout;
    attention_.site = kProbabilities;
  }

  Tensor forward(const Tensor& x, const ForwardContext& context) {  // [N, C] -> [N, C], or [B, C] of the tokens that are read
    const Tensor rows = temper::rows_to_compute(x, context);
    const Tensor mixed = temper::dropout(attention(input_layernorm.forward(x), context), options_.hidden_dropout, kAttention, context);
    const Tensor h = rows + mixed;
    const Tensor inner = feed_forward(post_attention_layernorm.forward(options_.use_parallel_residual ? rows : h), context);
    return h + temper::dropout(inner, options_.hidden_dropout, kFeedForward, context);
  }

 private:
  Tensor attention(const Tensor& x, const ForwardContext& context) {
    const Tensor qkv = query_key_value.forward(x, context).unflatten(1, {options_.num_attention_heads, -1});  // [N, H, 3 D]
    const auto parts = qkv.split(options_.head_width(), 2);                                                  // each [N, H, D]
    const Tensor q = rotary_.forward(temper::rows_to_compute(parts[0], context), context), k = rotary_.forward(parts[1], context);
    return dense.forward(temper::attend(q, k, parts[2], attention_, context), context);
  }

  Tensor feed_forward(const Tensor& x, const ForwardContext& context) {
    return dense_4h_to_h.forward(temper::activation(options_.hidden_act, dense_h_to_4h.forward(x, context)), context);
  }

  const Options& options_;
  const temper::Rotary& rotary_;
  temper::LayerNorm input_layernorm, post_attention_layernorm;
  temper::Linear query_key_value, dense, dense_h_to_4h, dense_4h_to_h;
  temper::AttentionOptions attention_;
};

class GptNeox final : public temper::Decoder<Options, Block> {
 public:
  explicit GptNeox(Options options)
      : Decoder(Options::checked(std::move(options)), {.prefix = "gpt_neox.", .embedding = "embed_in", .norm = "final_layer_norm", .has_padding_row = false}) {}

  Tensor embed(const ForwardContext& context) override {
    return temper::dropout(Decoder::embed(context), options_.hidden_dropout, kEmbedding, context);
  }

  std::vector<temper::HeadSpec> heads() const override {
    return temper::decoder_heads(options_, {.family = "GPTNeoX", .embedding = "gpt_neox.embed_in.weight", .lm_head = "embed_out", .token_head = "classifier"});
  }

  // The newest transformers calls the head lm_head, files do not; published ones carry the causal mask as a buffer.
  std::string own_name(const std::string& name) const override {
    if (name.ends_with(".attention.bias") || name.ends_with(".attention.masked_bias")) return {};
    if (name == "lm_head.weight") return "embed_out.weight";
    return Decoder::own_name(name);
  }
};

}  // namespace

TEMPER_CLAIMS("gpt_neox")
TEMPER_PLUGIN(Model, GptNeox, Options, "gpt_neox", "GPT-NeoX and Pythia: causal language models with partly rotary positions.")
