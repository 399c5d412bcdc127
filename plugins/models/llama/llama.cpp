// Llama (Touvron et al. 2023) and the families that share its blocks: Mistral (Jiang et al. 2023), Qwen2 and 2.5 (Yang et al. 2024),
// Qwen3 (Yang et al. 2025); from and to Hugging Face's checkpoints.
//
// Shapes: N packed tokens, B sequences, C = hidden_size. Fields carry the checkpoint's names.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <temper/torch/decoder.h>

#include "options.h"

namespace {

using at::Tensor;
using temper::ForwardContext;
using temper::llama::Options;

// Pre-norm block; norms without mean and bias, a gated feed-forward layer.
class Block {
 public:
  Block(temper::ParameterTable& table, const Options& options, const temper::Rotary& rotary, std::int64_t index)
      : prefix_("model.layers." + std::to_string(index) + "."),
        input_layernorm(table, prefix_ + "input_layernorm", options.hidden_size, options.rms_norm_eps, index),
        self_attn(table, prefix_ + "self_attn.", options, options.attention(index), rotary, index),
        post_attention_layernorm(table, prefix_ + "post_attention_layernorm", options.hidden_size, options.rms_norm_eps, index),
        mlp(table, prefix_ + "mlp.", options, options.mlp_bias, index) {}

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

class Llama final : public temper::Model {
 public:
  explicit Llama(Options options)
      : options_(Options::checked(std::move(options))), rotary_(temper::rotary_of(options_)),
        embed_tokens(table_, "model.embed_tokens", options_.vocab_size, options_.hidden_size, options_.initializer_range, options_.padding_row()) {
    for (std::int64_t i = 0; i < options_.num_hidden_layers; ++i) layers.push_back(std::make_unique<Block>(table_, options_, rotary_, i));
    norm.emplace(table_, "model.norm", options_.hidden_size, options_.rms_norm_eps, options_.num_hidden_layers);
  }

  temper::ModelShape shape() const override { return options_.shape(rotary_.longest()); }
  temper::ParameterTable& parameters() override { return table_; }

  Tensor embed(const ForwardContext& context) override { return embed_tokens.forward(context.input->ids); }
  Tensor layer(std::int64_t index, const Tensor& x, const ForwardContext& context) override { return layers[index]->forward(x, context); }
  Tensor finish(const Tensor& x, const ForwardContext& context) override { return norm->forward(x, context); }

  std::vector<temper::HeadSpec> heads() const override {
    std::vector<temper::HeadSpec> heads = temper::decoder_heads(options_, {.family = options_.family(), .embedding = "model.embed_tokens.weight"});
    if (options_.model_type == "llama") heads.back().prefix_in_files = {"model.", "transformer."};  // question answering
    return heads;
  }

  // Llama's question answering has another prefix.
  std::string own_name(const std::string& name) const override {
    if (name.starts_with("transformer.")) return own_name(name.substr(12));
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

TEMPER_CLAIMS("llama mistral qwen2 qwen3")
TEMPER_PLUGIN(Model, Llama, Options, "llama", "Llama and its kin: Mistral, Qwen2, Qwen2.5, Qwen3, TinyLlama, SmolLM.")
