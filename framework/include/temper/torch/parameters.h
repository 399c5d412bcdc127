// The table of a model's parameters under their Hugging Face names: what checkpoints, optimizer, freezing and adapters go by.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

namespace temper {

namespace nn {
struct LoraAdapter;  // nn/lora.h
}

using at::Tensor;

// kUniform draws from -init_std to init_std.
enum class Init { kNormal, kZeros, kOnes, kUniform };

struct Parameter {
  std::string name;      // as in the checkpoint: "transformer.h.0.attn.c_attn.weight"
  Tensor tensor;         // float32 master weights, a leaf; requires_grad says whether it is trained
  Init init = Init::kNormal;
  double init_std = 0.02;
  bool decays = true;    // weight decay applies (not to biases and norms)
  bool transposed = false;  // a matrix kept as [in, out] (GPT-2's Conv1D), like its checkpoint
  // Where it stands: -1 embeddings, 0 .. layers - 1 a block, layers: final norm and heads.
  std::int64_t block = 0;
  bool is_head = false;
  bool is_linear = false;   // the matrix of a Linear of its own: an adapter may hang on it
  bool is_new = false;      // no file had it: it was drawn from a seed
  std::int64_t zero_row = -1;  // a row that starts at zero and is never trained (BERT's padding row); -1: none
  // A flag per row of a table that is only looked up in (on the CPU): 1 once a pass with gradients has read the row, so that the
  // optimizer can leave out the others, whose gradients are zero. Empty: any row may have a gradient.
  std::vector<std::uint8_t> looked_up = {};

  // A low-rank update that every product with this matrix adds (set by nn/lora.h); none by default.
  std::shared_ptr<const nn::LoraAdapter> adapter = {};

  Tensor half = {};  // a bfloat16 copy, see half_copy; undefined until a product needs it
  std::uint32_t half_version = 0;
  const void* half_source = nullptr;
};

// The bfloat16 copy of the weights, kept between calls and renewed when the version counter or the memory of `tensor` has changed.
// ATen's in-place operations raise the counter; whoever writes through a raw pointer calls mark_changed afterwards, or, having
// written `half` as well, mark_half_current.
const Tensor& half_copy(Parameter& parameter);
void mark_changed(Parameter& parameter);
void mark_half_current(Parameter& parameter);

// References stay valid while the table lives.
class ParameterTable {
 public:
  Parameter& add(Parameter parameter);  // throws Error on a repeated name
  void keep_first(std::size_t count);   // removes those that were added after the first `count`; references to them die
  Parameter* find(std::string_view name);
  const Parameter* find(std::string_view name) const;
  std::deque<Parameter>& all() { return parameters_; }
  const std::deque<Parameter>& all() const { return parameters_; }
  std::int64_t count() const;            // elements
  std::int64_t trainable_count() const;  // elements of parameters that require a gradient

 private:
  std::deque<Parameter> parameters_;
};

// Fills every parameter from `seed` and its own name alone, so that adding one changes no other.
void initialize(ParameterTable& parameters, std::uint64_t seed);
void initialize(Parameter& parameter, std::uint64_t seed);

}  // namespace temper
