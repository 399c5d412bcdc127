// Vectors of texts: what sentence encoders give, and what retrievers and simple classifiers compare. No torch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <temper/options.h>

namespace temper {

// Which of a text's tokens make its vector, special tokens included. Mean pooling is what sentence encoders are trained for (Reimers
// and Gurevych 2019).
enum class EmbeddingPooling { kMean, kFirst, kLast };
template <> struct EnumNames<EmbeddingPooling> { static constexpr const char* names[] = {"mean", "first", "last"}; };

struct EmbeddingOptions {
  EmbeddingPooling pooling = EmbeddingPooling::kMean;
  bool normalize = true;  // to length 1
};

// One after another: [rows, width].
struct Embeddings {
  std::int64_t rows = 0, width = 0;
  std::vector<float> values;
  std::span<const float> row(std::int64_t i) const { return std::span(values).subspan(static_cast<std::size_t>(i * width), static_cast<std::size_t>(width)); }
};

}  // namespace temper
