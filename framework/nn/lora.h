// Low-rank adapters (Hu et al. 2021) on the linear layers of a model, whatever its family: made, applied, merged.
//
// Shapes: N packed tokens, R rank; a weight maps `in` to `out`, however its checkpoint lays it out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <temper/lora_options.h>
#include <temper/torch/headed_model.h>

namespace temper::nn {

// What one linear layer adds: y = x W^T + b + scaling * drop(x) A^T B^T. With a magnitude m (DoRA, Liu et al. 2024, section 4.2)
// W + scaling * B A is first brought to rows of length m.
struct LoraAdapter {
  std::string module;              // the layer's name in the checkpoint: "transformer.h.0.attn.c_attn"
  Parameter* a = nullptr;          // [R, in]
  Parameter* b = nullptr;          // [out, R]
  Parameter* magnitude = nullptr;  // [out]; DoRA alone has it
  double alpha = 0;
  double scaling = 1;              // alpha / R, or alpha / sqrt(R)
  double dropout = 0;
  int site = 0;                    // of its dropout
};

// All that hangs on a model.
struct Lora {
  LoraOptions options;                // as given: the names may be empty
  std::vector<std::string> modules;   // with an adapter: full names, in the order of the model
  std::vector<std::string> saved;     // trained whole and saved with the adapter: full names
  std::size_t first_parameter = 0;    // the adapters' own stand in the model's table from here on
};

// "base_model.model.", which PEFT puts before every name of the model.
inline constexpr std::string_view kPeftPrefix = "base_model.model.";

// The names of options.target_modules (or the family's) as full names of linear layers, matched as PEFT does: whole, or by what
// follows a dot. Throws one Error that names all that match nothing.
std::vector<std::string> lora_modules(HeadedModel& model, const LoraOptions& options);
// Whether options.target_modules is "all-linear".
bool takes_all_linear(const LoraOptions& options);
// The task's layer of the head, layers of the head that no file had, and what options.modules_to_save names. Throws likewise.
std::vector<std::string> saved_modules(HeadedModel& model, const LoraOptions& options);

// Hangs one adapter on the weight of `module`. Its parameters join the table under PEFT's names, drawn from the seed and their names
// (A as PEFT does: kaiming uniform with a = sqrt(5); B zero).
void add_adapter(HeadedModel& model, const std::string& module, const LoraOptions& options, std::int64_t r, double alpha, std::uint64_t seed);
// Adapters on all that the options name; the model computes what it did before. Throws Error when it has adapters already.
void add_lora(HeadedModel& model, const LoraOptions& options, std::uint64_t seed);
// Whether training with these adapters changes the parameter: theirs, and those of the modules that are saved with them.
bool is_trained_with_lora(const Lora& lora, const Parameter& parameter);

// x W^T + b with what the weight's adapter adds.
Tensor adapted_product(const Tensor& x, Parameter& weight, Parameter* bias, const ForwardContext& context);
// The length of each row of W + scaling * B A: [out] float32, without a gradient.
Tensor adapted_norm(const Parameter& weight);

// Takes the adapters into the weights and off the model. Throws Error, and leaves the model merged, when the logits of some made
// token ids differ by more than kMergeTolerance before and after, relative to the largest logit (at least 1).
void merge_lora(HeadedModel& model);
// float32 sums in another order: the reference adapters differ by up to 6.2e-6 (merged_against_adapter in golden.json), while a wrong scale or layout moves logits by whole units.
inline constexpr double kMergeTolerance = 1e-3;
// The check alone: throws Error that says by how much they differ.
void check_merge(const Tensor& before, const Tensor& after);

}  // namespace temper::nn
