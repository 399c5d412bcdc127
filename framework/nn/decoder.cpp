// What families of decoders share.
#include <temper/torch/decoder.h>

#include <cmath>

#include <ATen/ATen.h>

#include <temper/error.h>

namespace temper {

void DecoderOptions::visit(OptionVisitor& v) {
  v.option("vocab_size", vocab_size, "Rows of the token embedding.").at_least(1).in("tokens");
  v.option("hidden_size", hidden_size, "Width of the model.").at_least(1);
  v.option("intermediate_size", intermediate_size, "Width of the feed-forward layer.").at_least(1);
  v.option("num_hidden_layers", num_hidden_layers, "Number of blocks.").at_least(1).at_most(10000);
  v.option("num_attention_heads", num_attention_heads, "Attention heads of a block.").at_least(1);
  v.option("num_key_value_heads", num_key_value_heads, "Heads of keys and values, each for several heads of queries; by default as transformers has it for the family, mostly num_attention_heads.").at_least(1);
  v.option("head_dim", head_dim, "Width of a head; by default hidden_size / num_attention_heads.").at_least(1);
  v.option("hidden_act", hidden_act, "Activation of the feed-forward layer, by Hugging Face's names.");
  v.option("max_position_embeddings", max_position_embeddings, "The longest sequence, unless rotary positions are stretched at run time.").at_least(1).in("tokens");
  v.option("initializer_range", initializer_range, "Standard deviation of initial weights.").at_least(0);
  v.option("attention_dropout", attention_dropout, "Dropout of the attention's probabilities.").at_least(0).below(1);
  v.option("classifier_dropout", classifier_dropout, "Dropout before a token classifier; by default 0.1.").at_least(0).below(1);
  v.option("tie_word_embeddings", tie_word_embeddings, "The language-modelling head uses the token embedding.");
  v.option("bos_token_id", bos_token_id, "Id of the token that begins a text.");
  v.option("eos_token_id", eos_token_id, "Id of the token that ends a text.");
  v.option("pad_token_id", pad_token_id, "Id that classification skips at the end of a text.");
  rotary.visit(v);
}

std::int64_t DecoderOptions::padding_row() const {
  const std::int64_t row = pad_token_id.value_or(-1);
  return row >= 0 && row < vocab_size ? row : -1;
}

LinearOptions DecoderOptions::linear(std::int64_t block, bool bias) const {
  LinearOptions options;
  options.bias = bias;
  options.init_std = initializer_range;
  options.block = block;
  return options;
}

void DecoderOptions::check(const std::string& family, Problems& problems) const {
  const auto wrong = [&](const std::string& what) { problems.add({}, family + ": " + what); };
  if (!head_dim && hidden_size % num_attention_heads != 0) {
    wrong("hidden_size is " + std::to_string(hidden_size) + ", which is not a multiple of num_attention_heads, " + std::to_string(num_attention_heads));
  }
  if (num_attention_heads % key_heads() != 0) {
    wrong("num_attention_heads is " + std::to_string(num_attention_heads) + ", which is not a multiple of num_key_value_heads, " + std::to_string(key_heads()));
  }
  if (!is_activation(hidden_act)) wrong("there is no hidden_act \"" + hidden_act + "\"");
  rotary.resolve(head_width(), max_position_embeddings, rotary_share, family, problems);
}

ModelShape DecoderOptions::shape(std::int64_t longest) const {
  ModelShape shape;
  shape.layers = num_hidden_layers;
  shape.width = hidden_size;
  shape.vocabulary = vocab_size;
  shape.max_positions = longest;
  shape.causal = true;
  shape.pad_id = pad_token_id.value_or(-1);
  Problems problems;
  const RotaryOptions turned = rotary.resolve(head_width(), max_position_embeddings, rotary_share, "rotary", problems);
  if (turned.type == "dynamic") shape.keeps_up_to = max_position_embeddings;
  return shape;
}

Rotary rotary_of(const DecoderOptions& options) {
  Problems problems;
  RotaryOptions rotary = options.rotary.resolve(options.head_width(), options.max_position_embeddings, options.rotary_share, "rotary", problems);
  problems.throw_if_any();
  return Rotary(std::move(rotary));
}

RotaryAttention::RotaryAttention(ParameterTable& table, const std::string& prefix, const DecoderOptions& decoder,
                                 const RotaryAttentionOptions& options, const Rotary& rotary, std::int64_t block)
    : head_width_(decoder.head_width()), rotary_(rotary),
      q_proj(table, prefix + "q_proj", decoder.hidden_size, decoder.num_attention_heads * head_width_, decoder.linear(block, options.qkv_bias)),
      k_proj(table, prefix + "k_proj", decoder.hidden_size, decoder.key_heads() * head_width_, decoder.linear(block, options.qkv_bias)),
      v_proj(table, prefix + "v_proj", decoder.hidden_size, decoder.key_heads() * head_width_, decoder.linear(block, options.qkv_bias)),
      o_proj(table, prefix + options.out_name, decoder.num_attention_heads * head_width_, decoder.hidden_size, decoder.linear(block, options.out_bias)) {
  if (options.norm == HeadNorm::kRms) {
    q_rms_.emplace(table, prefix + options.q_norm, head_width_, options.norm_epsilon, block);
    k_rms_.emplace(table, prefix + options.k_norm, head_width_, options.norm_epsilon, block);
  } else if (options.norm == HeadNorm::kLayer) {
    q_layer_.emplace(table, prefix + options.q_norm, head_width_, options.norm_epsilon, block);
    k_layer_.emplace(table, prefix + options.k_norm, head_width_, options.norm_epsilon, block);
  }
  attention_.causal = true;
  attention_.scale = 1 / std::sqrt(static_cast<double>(head_width_));
  attention_.dropout = decoder.attention_dropout;
  attention_.window = options.window;
}

Tensor RotaryAttention::forward(const Tensor& x, const ForwardContext& context) {
  const Tensor all = for_products(x, context), rows = rows_to_compute(all, context);
  Tensor q = by_head(q_proj.forward(rows, context)), k = by_head(k_proj.forward(all, context));
  const Tensor v = by_head(v_proj.forward(all, context));
  if (q_rms_) {
    q = q_rms_->forward(q, context);
    k = k_rms_->forward(k, context);
  } else if (q_layer_) {
    q = q_layer_->forward(q);
    k = k_layer_->forward(k);
  }
  q = rotary_.forward(q, context).to(v.scalar_type());
  k = rotary_.forward(k, context).to(v.scalar_type());
  return o_proj.forward(attend(q, k, v, attention_, context), context);
}

Tensor RotaryAttention::by_head(const Tensor& x) const { return x.unflatten(1, {-1, head_width_}); }

GatedFeedForward::GatedFeedForward(ParameterTable& table, const std::string& prefix, const DecoderOptions& decoder, bool bias, std::int64_t block)
    : activation_(decoder.hidden_act),
      gate_proj(table, prefix + "gate_proj", decoder.hidden_size, decoder.intermediate_size, decoder.linear(block, bias)),
      up_proj(table, prefix + "up_proj", decoder.hidden_size, decoder.intermediate_size, decoder.linear(block, bias)),
      down_proj(table, prefix + "down_proj", decoder.intermediate_size, decoder.hidden_size, decoder.linear(block, bias)) {}

Tensor GatedFeedForward::forward(const Tensor& x, const ForwardContext& context) {
  const Tensor in = for_products(x, context);
  return down_proj.forward(gated_activation(activation_, gate_proj.forward(in, context), up_proj.forward(in, context), context), context);
}

GatedBlock::GatedBlock(ParameterTable& table, const std::string& prefix, const DecoderOptions& decoder, const GatedBlockOptions& options, const Rotary& rotary, std::int64_t block)
    : input_layernorm(table, prefix + "input_layernorm", decoder.hidden_size, options.norm_epsilon, block, options.norms_around_one),
      self_attn(table, prefix + "self_attn.", decoder, options.attention, rotary, block),
      post_attention_layernorm(table, prefix + "post_attention_layernorm", decoder.hidden_size, options.norm_epsilon, block, options.norms_around_one),
      mlp(table, prefix + "mlp.", decoder, options.mlp_bias, block) {}

Tensor GatedBlock::forward(const Tensor& x, const ForwardContext& context) {
  const Tensor mixed = self_attn.forward(input_layernorm.forward(x, context), context);
  const Tensor h = rows_to_compute(x, context) + mixed;
  return h + mlp.forward(post_attention_layernorm.forward(h, context), context);
}

std::vector<HeadSpec> decoder_heads(const DecoderOptions& options, const DecoderHeads& heads) {
  const auto layer = [&](const std::string& name, bool bias) {
    HeadLayer made;
    made.name = name;
    made.bias = bias;
    made.init_std = options.initializer_range;
    return made;
  };
  HeadLayer lm_head = layer(heads.lm_head, heads.lm_bias);
  lm_head.out = options.vocab_size;
  if (options.tie_word_embeddings) lm_head.tied_to = heads.embedding;
  HeadLayer token_head = layer(heads.token_head, true);
  token_head.dropout = options.classifier_dropout.value_or(0.1);
  HeadLayer qa_outputs = layer("qa_outputs", true);
  qa_outputs.out = 2;  // begin and end of the span
  std::vector<HeadSpec> specs = {
      {HeadKind::kSequenceClassification, heads.family + "ForSequenceClassification", Pooling::kLast, {layer("score", false)}},
      {HeadKind::kLanguageModeling, heads.family + "ForCausalLM", Pooling::kEach, {lm_head}},
      {HeadKind::kTokenClassification, heads.family + "ForTokenClassification", Pooling::kEach, {token_head}}};
  if (heads.has_question_answering) {
    specs.push_back({HeadKind::kQuestionAnswering, heads.family + "ForQuestionAnswering", Pooling::kEach, {qa_outputs}});
  }
  return specs;
}

std::string decoder_name(const std::string& name_in_file, const std::string& prefix, std::initializer_list<std::string_view> starts) {
  if (name_in_file.ends_with("rotary_emb.inv_freq")) return {};
  for (const std::string_view start : starts) {
    if (name_in_file.starts_with(start)) return prefix + name_in_file;
  }
  return name_in_file;
}

Tensor rows_to_compute(const Tensor& x, const ForwardContext& context) { return context.read.defined() ? x.index_select(0, context.read) : x; }

}  // namespace temper
