// Llama (Touvron et al. 2023) and the families that share its blocks: Mistral (Jiang et al. 2023), Qwen2 and 2.5 (Yang et al. 2024),
// Qwen3 (Yang et al. 2025); from and to Hugging Face's checkpoints.
#include <string>
#include <vector>

#include <temper/torch/decoder.h>

#include "options.h"

namespace {

using temper::llama::Options;

struct Block : temper::GatedBlock {
  Block(temper::ParameterTable& table, const std::string& prefix, const Options& options, const temper::Rotary& rotary, std::int64_t index)
      : GatedBlock(table, prefix, options, {.attention = options.attention(index), .mlp_bias = options.mlp_bias, .norm_epsilon = options.rms_norm_eps}, rotary, index) {}
};

class Llama final : public temper::Decoder<Options, Block> {
 public:
  explicit Llama(Options options) : Decoder(Options::checked(std::move(options)), {.prefix = "model.", .embedding = "embed_tokens", .norm = "norm"}) {}

  std::vector<temper::HeadSpec> heads() const override {
    std::vector<temper::HeadSpec> heads = temper::decoder_heads(options_, {.family = options_.family(), .embedding = "model.embed_tokens.weight"});
    if (options_.model_type == "llama") heads.back().prefix_in_files = {"model.", "transformer."};  // question answering
    return heads;
  }

  // Llama's question answering has another prefix.
  std::string own_name(const std::string& name) const override {
    if (name.starts_with("transformer.")) return own_name(name.substr(12));
    return Decoder::own_name(name);
  }
};

}  // namespace

TEMPER_CLAIMS("llama mistral qwen2 qwen3")
TEMPER_PLUGIN(Model, Llama, Options, "llama", "Llama and its kin: Mistral, Qwen2, Qwen2.5, Qwen3, TinyLlama, SmolLM.")
