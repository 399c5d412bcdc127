// The fields of config.json of the families that share Llama's blocks, and what each family makes of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <temper/torch/decoder.h>

namespace temper::llama {

struct Options : DecoderOptions {
  std::string model_type = "llama";
  double rms_norm_eps = 1e-6;
  bool attention_bias = false, mlp_bias = false;
  std::optional<std::int64_t> sliding_window;
  bool use_sliding_window = false;
  std::int64_t max_window_layers = 28;
  std::optional<std::vector<std::string>> layer_types;

  void visit(OptionVisitor& v);

  bool is_qwen() const { return model_type == "qwen2" || model_type == "qwen3"; }
  std::string family() const;  // as the names of transformers' classes begin
  RotaryAttentionOptions attention(std::int64_t block) const;
  RmsNorm norm(ParameterTable& table, const std::string& name, std::int64_t block) const { return {table, name, hidden_size, rms_norm_eps, block}; }
  // The options with the family's defaults. Throws Error that names everything that cannot be.
  static Options checked(Options options);

 private:
  std::int64_t window(std::int64_t block) const;  // 0: none
};

}  // namespace temper::llama
