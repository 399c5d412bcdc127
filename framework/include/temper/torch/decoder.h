// What families of decoders share: the fields of their config.json, attention with rotary positions, gated feed-forward layers,
// heads. A family's plugin puts its block together from these, or from its own.
//
// Shapes: N packed tokens, B sequences, C width, H heads, K key-value heads, D head width, F feed-forward.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <temper/torch/model.h>
#include <temper/torch/rotary.h>

namespace temper {

// A family's options begin with these; it sets its own defaults in its constructor.
struct DecoderOptions {
  std::int64_t vocab_size = 32000;
  std::int64_t hidden_size = 4096;
  std::int64_t intermediate_size = 11008;
  std::int64_t num_hidden_layers = 32;
  std::int64_t num_attention_heads = 32;
  std::optional<std::int64_t> num_key_value_heads;
  std::optional<std::int64_t> head_dim;
  std::string hidden_act = "silu";
  std::int64_t max_position_embeddings = 2048;
  double initializer_range = 0.02;
  double attention_dropout = 0;
  std::optional<double> classifier_dropout;
  bool tie_word_embeddings = false;
  std::optional<std::int64_t> bos_token_id, eos_token_id, pad_token_id;
  RotaryFields rotary;
  double rotary_share = 1;  // of a head's channels are turned, where config.json does not say; the family's, no field

  void visit(OptionVisitor& v);

  std::int64_t key_heads() const { return num_key_value_heads.value_or(num_attention_heads); }
  std::int64_t head_width() const { return head_dim.value_or(hidden_size / num_attention_heads); }
  // The row of the token embedding that is never trained; -1: none.
  std::int64_t padding_row() const;
  LinearOptions linear(std::int64_t block, bool bias) const;
  // What cannot be, each with the family's name in front.
  void check(const std::string& family, Problems& problems) const;
  // `longest`: the longest sequence.
  ModelShape shape(std::int64_t longest) const;
};

// Of options that were checked.
Rotary rotary_of(const DecoderOptions& options);

// What is normed of queries and keys, per head and before they are turned.
enum class HeadNorm { kNone, kRms, kLayer };

struct RotaryAttentionOptions {
  bool qkv_bias = false, out_bias = false;
  std::string out_name = "o_proj";
  HeadNorm norm = HeadNorm::kNone;
  std::string q_norm = "q_norm", k_norm = "k_norm";
  double norm_epsilon = 0;
  std::int64_t window = 0;  // keys that a query sees, its own included; 0: all
};

// Causal attention with grouped queries (Ainslie et al. 2023) and rotary positions; q_proj, k_proj, v_proj below `prefix`.
// Dropout of the probabilities draws at site 0.
class RotaryAttention {
 public:
  RotaryAttention(ParameterTable& table, const std::string& prefix, const DecoderOptions& decoder, const RotaryAttentionOptions& options,
                  const Rotary& rotary, std::int64_t block);
  Tensor forward(const Tensor& x, const ForwardContext& context);  // [N, C] -> [N, C], or [B, C] of the tokens that are read

 private:
  Tensor by_head(const Tensor& x) const;  // [N, heads D] -> [N, heads, D]

  std::int64_t head_width_;
  const Rotary& rotary_;
  Linear q_proj, k_proj, v_proj, o_proj;
  std::optional<RmsNorm> q_rms_, k_rms_;
  std::optional<LayerNorm> q_layer_, k_layer_;
  AttentionOptions attention_;
};

// down_proj(activation(gate_proj(x)) * up_proj(x)) below `prefix`.
class GatedFeedForward {
 public:
  GatedFeedForward(ParameterTable& table, const std::string& prefix, const DecoderOptions& decoder, bool bias, std::int64_t block);
  Tensor forward(const Tensor& x, const ForwardContext& context);  // [N, C] -> [N, C]

 private:
  std::string activation_;
  Linear gate_proj, up_proj, down_proj;
};

// Heads as transformers names them: FAMILYForCausalLM and so on.
struct DecoderHeads {
  std::string family;             // "Llama"
  std::string embedding;          // the parameter that a tied head uses: "model.embed_tokens.weight"
  std::string lm_head = "lm_head";
  bool lm_bias = false;
  std::string token_head = "score";  // of token classification
  bool has_question_answering = true;
};
std::vector<HeadSpec> decoder_heads(const DecoderOptions& options, const DecoderHeads& heads);

// The name of a parameter by its name in a file: models saved without a head lack the prefix of the blocks, which `starts` begin there;
// stored rotary frequencies are skipped (empty).
std::string decoder_name(const std::string& name_in_file, const std::string& prefix, std::initializer_list<std::string_view> starts);

// Rows of x that a block goes on with: those that are read, or all.
Tensor rows_to_compute(const Tensor& x, const ForwardContext& context);

}  // namespace temper
