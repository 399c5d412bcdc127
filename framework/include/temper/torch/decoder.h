// What families of decoders share: the fields of their config.json, attention with rotary positions, gated feed-forward layers,
// heads, and the shell around the blocks. A family's plugin puts its block together from these, or from its own.
//
// Shapes: N packed tokens, B sequences, C width, H heads, K key-value heads, D head width, F feed-forward.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
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

// Llama's block (Touvron et al. 2023): pre-norm, norms without mean and bias, a gated feed-forward layer.
struct GatedBlockOptions {
  RotaryAttentionOptions attention;
  bool mlp_bias = false;
  double norm_epsilon = 0;
  bool norms_around_one = false;  // norms keep their weight less 1
};
class GatedBlock {
 public:
  GatedBlock(ParameterTable& table, const std::string& prefix, const DecoderOptions& decoder, const GatedBlockOptions& options, const Rotary& rotary, std::int64_t block);
  Tensor forward(const Tensor& x, const ForwardContext& context);  // [N, C] -> [N, C], or [B, C] of the tokens that are read

 private:
  RmsNorm input_layernorm;
  RotaryAttention self_attn;
  RmsNorm post_attention_layernorm;
  GatedFeedForward mlp;
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

// What a family calls the parts of its shell: blocks are "PREFIXlayers.0." and so on.
struct DecoderNames {
  std::string prefix, embedding, norm;  // "model.", "embed_tokens", "norm"
  bool has_padding_row = true;          // the embedding's row of pad_token_id is never trained
};

// Token embedding, blocks, a last norm. Options are checked ones, derived from DecoderOptions, with
//   Norm norm(ParameterTable&, const std::string& name, std::int64_t block) const        (RmsNorm or LayerNorm)
// and Block has
//   Block(ParameterTable&, const std::string& prefix, const Options&, const Rotary&, std::int64_t index)
//   Tensor forward(const Tensor& x, const ForwardContext& context)
// A family adds heads(), and whatever else it does otherwise.
template <class Options, class Block>
class Decoder : public Model {
 public:
  ModelShape shape() const override { return options_.shape(rotary_.longest()); }
  ParameterTable& parameters() override { return table_; }
  Tensor embed(const ForwardContext& context) override { return embedding_.forward(context.input->ids); }
  Tensor layer(std::int64_t index, const Tensor& x, const ForwardContext& context) override { return blocks_[static_cast<std::size_t>(index)]->forward(x, context); }
  Tensor finish(const Tensor& x, const ForwardContext& context) override {
    if constexpr (std::is_same_v<Norm, RmsNorm>) return norm_->forward(x, context);
    else return norm_->forward(x);
  }
  std::string own_name(const std::string& name) const override {
    return decoder_name(name, names_.prefix, {names_.embedding + ".", "layers.", names_.norm + "."});
  }

 protected:
  Decoder(Options options, DecoderNames names)
      : options_(std::move(options)), names_(std::move(names)), rotary_(rotary_of(options_)),
        embedding_(table_, names_.prefix + names_.embedding, options_.vocab_size, options_.hidden_size, options_.initializer_range,
                   names_.has_padding_row ? options_.padding_row() : -1) {
    for (std::int64_t i = 0; i < options_.num_hidden_layers; ++i) {
      blocks_.push_back(std::make_unique<Block>(table_, names_.prefix + "layers." + std::to_string(i) + ".", options_, rotary_, i));
    }
    norm_.emplace(options_.norm(table_, names_.prefix + names_.norm, options_.num_hidden_layers));
  }

  const Options options_;

 private:
  using Norm = decltype(std::declval<const Options&>().norm(std::declval<ParameterTable&>(), std::string(), std::int64_t()));

  const DecoderNames names_;
  ParameterTable table_;
  Rotary rotary_;
  Embedding embedding_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::optional<Norm> norm_;
};

}  // namespace temper
