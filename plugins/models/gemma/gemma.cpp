// Gemma (Gemma Team 2024), from and to Hugging Face's checkpoints: Llama's block with norms that keep their weight less 1, embeddings
// times the root of the width, heads of a width of their own.
//
// Shapes: N packed tokens, B sequences, C = hidden_size. Fields carry the checkpoint's names.
#include <cmath>
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

  temper::RmsNorm norm(temper::ParameterTable& table, const std::string& name, std::int64_t block) const {
    return {table, name, hidden_size, rms_norm_eps, block, true};
  }

  static Options checked(Options options) {
    if (options.hidden_act == "gelu") options.hidden_act = "gelu_pytorch_tanh";  // what early files meant
    options.rotary.turn_all();
    temper::Problems problems;
    options.check("gemma", problems);
    if (options.use_bidirectional_attention) problems.add({}, "gemma: use_bidirectional_attention is true, only causal attention is supported");
    problems.throw_if_any();
    return options;
  }
};

struct Block : temper::GatedBlock {
  Block(temper::ParameterTable& table, const std::string& prefix, const Options& options, const temper::Rotary& rotary, std::int64_t index)
      : GatedBlock(table, prefix, options,
                   {.attention = {.qkv_bias = options.attention_bias, .out_bias = options.attention_bias}, .norm_epsilon = options.rms_norm_eps, .norms_around_one = true},
                   rotary, index) {}
};

class Gemma final : public temper::Decoder<Options, Block> {
 public:
  explicit Gemma(Options options) : Decoder(Options::checked(std::move(options)), {.prefix = "model.", .embedding = "embed_tokens", .norm = "norm"}) {}

  Tensor embed(const ForwardContext& context) override {
    return Decoder::embed(context) * std::sqrt(static_cast<float>(options_.hidden_size));
  }

  std::vector<temper::HeadSpec> heads() const override {
    return temper::decoder_heads(options_, {.family = "Gemma", .embedding = "model.embed_tokens.weight", .has_question_answering = false});
  }
};

}  // namespace

TEMPER_CLAIMS("gemma")
TEMPER_PLUGIN(Model, Gemma, Options, "gemma", "Gemma: a causal language model with rotary positions and gated GELU.")
