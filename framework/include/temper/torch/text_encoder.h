// A sentence encoder: a Hugging Face folder whose model turns each text into one vector. For plugins that use torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <c10/core/Device.h>
#include <temper/embeddings.h>

namespace temper {

struct TextEncoderOptions {
  std::optional<EmbeddingPooling> pooling;  // else what the folder's modules.json says, else the mean
  bool normalize = true;
  std::int64_t max_length = 0;        // tokens with the special ones, longer texts are cut; 0: the folder's sentence_bert_config.json, else the model's limit
  std::int64_t batch_tokens = 4096;   // per forward pass; texts of like length run together, nothing is padded
  bool bf16 = false;                  // matrix products in bfloat16
  at::Device device = at::kCPU;
};

class TextEncoder {
 public:
  // Throws Error when the folder has no model with weights, or no tokenizer that a plugin reads.
  TextEncoder(const std::filesystem::path& folder, const TextEncoderOptions& options);
  ~TextEncoder();
  TextEncoder(TextEncoder&&) noexcept;

  std::int64_t width() const;
  // One row per text, in their order. Any bytes are taken; a text without tokens has the vector 0. Thread-safe.
  Embeddings encode(std::span<const std::string_view> texts) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace temper
