// What each family makes of config.json.
#include "options.h"

namespace temper::llama {

namespace {

// Where files name none, as in transformers' classes.
constexpr std::int64_t kQwenWindow = 4096, kQwen3HeadWidth = 128, kQwenKeyHeads = 32, kMistralKeyHeads = 8;

}  // namespace

void Options::visit(OptionVisitor& v) {
  v.option("model_type", model_type, "The family.").one_of({"llama", "mistral", "qwen2", "qwen3"});
  DecoderOptions::visit(v);
  v.option("rms_norm_eps", rms_norm_eps, "Added to the mean square in RMSNorm.").above(0);
  v.option("attention_bias", attention_bias, "llama, qwen3: the projections of attention have biases.");
  v.option("mlp_bias", mlp_bias, "llama: the feed-forward layer has biases.");
  v.option("sliding_window", sliding_window, "mistral, qwen2, qwen3: keys that a token sees, its own included; by default all.").at_least(1).in("tokens");
  v.option("use_sliding_window", use_sliding_window, "qwen2, qwen3: some blocks have a sliding window.");
  v.option("max_window_layers", max_window_layers, "qwen2, qwen3: the first block with a sliding window, where layer_types does not say.").at_least(0);
  v.option("layer_types", layer_types, "qwen2, qwen3: \"full_attention\" or \"sliding_attention\" for each block.");
}

std::string Options::family() const {
  if (model_type == "mistral") return "Mistral";
  if (model_type == "qwen2") return "Qwen2";
  return model_type == "qwen3" ? "Qwen3" : "Llama";
}

std::int64_t Options::window(std::int64_t block) const {
  if (model_type == "mistral") return sliding_window.value_or(0);
  if (!is_qwen() || !use_sliding_window) return 0;
  const bool slides = layer_types ? layer_types->at(static_cast<std::size_t>(block)) == "sliding_attention" : block >= max_window_layers;
  return slides ? sliding_window.value_or(kQwenWindow) : 0;
}

RotaryAttentionOptions Options::attention(std::int64_t block) const {
  RotaryAttentionOptions attention;
  const bool reads_bias = model_type == "llama" || model_type == "qwen3";
  attention.qkv_bias = model_type == "qwen2" || (reads_bias && attention_bias);
  attention.out_bias = reads_bias && attention_bias;
  if (model_type == "qwen3") {
    attention.norm = HeadNorm::kRms;
    attention.norm_epsilon = rms_norm_eps;
  }
  attention.window = window(block);
  return attention;
}

Options Options::checked(Options options) {
  if (options.model_type == "qwen3" && !options.head_dim) options.head_dim = kQwen3HeadWidth;
  if (!options.num_key_value_heads && options.model_type != "llama") options.num_key_value_heads = options.is_qwen() ? kQwenKeyHeads : kMistralKeyHeads;
  if (options.model_type != "llama") options.mlp_bias = false;
  options.rotary.turn_all();
  Problems problems;
  options.check(options.model_type, problems);
  if (options.is_qwen() && options.layer_types) {
    const std::vector<std::string>& types = *options.layer_types;
    if (static_cast<std::int64_t>(types.size()) != options.num_hidden_layers) {
      problems.add({}, options.model_type + ": layer_types names " + std::to_string(types.size()) + " blocks, num_hidden_layers is " +
                           std::to_string(options.num_hidden_layers));
    }
    for (const std::string& type : types) {
      if (type == "full_attention" || (type == "sliding_attention" && options.use_sliding_window)) continue;
      problems.add({}, options.model_type + ": layer_types says \"" + type + "\"" +
                           (type == "sliding_attention" ? ", but use_sliding_window is false" : ", known are \"full_attention\" and \"sliding_attention\""));
      break;
    }
  }
  problems.throw_if_any();
  return options;
}

}  // namespace temper::llama
