// Model plugins: a family of checkpoints, run layer by layer. The options of a model plugin are the fields of its config.json,
// under Hugging Face's names.
//
// Shapes: N packed tokens, B sequences, C width, M rows that a head reads.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <temper/plugin.h>
#include <temper/torch/forward.h>
#include <temper/torch/layers.h>
#include <temper/torch/parameters.h>

namespace temper {

struct ModelShape {
  std::int64_t layers = 0;
  std::int64_t width = 0;
  std::int64_t vocabulary = 0;
  std::int64_t max_positions = 0;
  bool causal = true;
  std::int64_t pad_id = -1;  // -1: none
  bool has_segments = false;
  // Up to this length, a token's keys and values depend on the tokens before it alone; in a longer sequence all of them depend on its
  // length ("dynamic" rotary positions), so that what was kept of a beginning is of no use. 0: whatever the length.
  std::int64_t keeps_up_to = 0;
};

enum class HeadKind { kSequenceClassification, kTokenClassification, kQuestionAnswering, kLanguageModeling, kMaskedLanguageModeling };
enum class Pooling {
  kFirst,  // the first token (BERT's [CLS])
  kLast,   // the rightmost token whose id is not pad_id, else the first (GPT-2 and Llama sequence classification)
  kEach,   // every token that has a label
};

// One layer of a head: y = norm?(activation?(dropout?(x) W^T + b)).
struct HeadLayer {
  std::string name;         // in the checkpoint: "bert.pooler.dense", "classifier", "score"
  std::int64_t out = 0;     // 0: the number of labels
  bool bias = true;
  std::string activation;   // empty: none
  double dropout = 0;       // before the product
  std::string tied_to;      // the parameter whose matrix it uses; empty: its own
  std::string bias_name;    // where the checkpoint keeps the bias under another name
  std::string norm;         // a LayerNorm after the activation, by its name in the checkpoint; empty: none
  double norm_epsilon = 0;
  double init_std = 0.02;
};

// What a family puts on top of its blocks for a kind of task; the framework builds it.
struct HeadSpec {
  HeadKind kind;
  std::string architecture;  // config.json's architectures: "GPT2ForSequenceClassification"
  Pooling pooling;
  std::vector<HeadLayer> layers;
  // Where files of this architecture begin the names of the blocks otherwise: {"model.", "transformer."}.
  std::pair<std::string, std::string> prefix_in_files = {};
};

class Model {
 public:
  virtual ~Model() = default;
  virtual ModelShape shape() const = 0;
  virtual ParameterTable& parameters() = 0;
  virtual std::vector<HeadSpec> heads() const = 0;

  virtual Tensor embed(const ForwardContext& context) = 0;                                     // -> [N, C]
  virtual Tensor layer(std::int64_t index, const Tensor& x, const ForwardContext& context) = 0;  // [N, C] -> [N, C] (or [B, C], see ForwardContext::read)
  virtual Tensor finish(const Tensor& x, const ForwardContext& context) = 0;                   // final norm, [M, C] -> [M, C]

  // The name that a tensor of a file goes by here: published checkpoints lack prefixes or use older names. Empty for what is to be
  // skipped: a buffer, or a head that none of heads() describes. A name that no parameter and no head has is reported by the loader.
  virtual std::string own_name(const std::string& name_in_file) const { return name_in_file; }
  // The linear layers that get an adapter where the experiment names none: those that PEFT takes for the family, by the ends of their
  // names. Empty: found by the usual names (c_attn; query_key_value; query and value; q_proj and v_proj).
  virtual std::vector<std::string> lora_targets() const { return {}; }
};

}  // namespace temper

TEMPER_DECLARE_KIND(Model)
