// Texts to tokens, tokens to vectors.
#include <temper/torch/text_encoder.h>

#include <ATen/Parallel.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include <temper/error.h>
#include <temper/tokenizer.h>

#include "data/adapter_folder.h"
#include "data/model_folder.h"
#include "data/open_tokenizer.h"
#include "inference/embed.h"
#include "inference/encoder_folder.h"
#include "nn/checkpoint.h"
#include "registry/registry.h"

namespace temper {

namespace {

nn::LoadedModel open_model(const std::filesystem::path& folder, at::Device device) {
  if (data::open_model_folder(folder).tensor_files.empty()) {
    throw Error(folder.string() + " holds no weights, its vectors would be random", "wanted: a folder with config.json and model.safetensors");
  }
  nn::LoadedModel loaded = nn::load_model(registry::installed(), folder, {.head = std::nullopt, .labels = {}, .seed = 0});
  for (Parameter& parameter : loaded.model.parameters().all()) {
    parameter.tensor.requires_grad_(false);
    if (!device.is_cpu()) parameter.tensor.set_data(parameter.tensor.to(device));
  }
  return loaded;
}

}  // namespace

struct TextEncoder::State {
  State(const std::filesystem::path& folder, const TextEncoderOptions& options)
      : loaded(open_model(folder, options.device)), tokenizer(data::open_tokenizer(registry::installed(), data::tokenizer_folder(folder))) {
    const inference::EncoderFolder says = inference::read_encoder_folder(folder, options.pooling.has_value());
    embed.embedding.pooling = options.pooling.value_or(says.pooling.value_or(EmbeddingPooling::kMean));
    embed.embedding.normalize = options.normalize;
    embed.batch_tokens = options.batch_tokens;
    embed.bf16 = options.bf16;
    embed.device = options.device;
    const ModelShape shape = loaded.model.model().shape();
    max_length = shape.max_positions;
    const std::int64_t wanted = options.max_length > 0 ? options.max_length : says.max_length;
    if (wanted > 0) max_length = std::min(max_length, wanted);
  }

  nn::LoadedModel loaded;
  std::unique_ptr<Tokenizer> tokenizer;
  inference::EmbedOptions embed;
  std::int64_t max_length = 0;
  std::mutex mutex;  // the model keeps bf16 copies of its weights as it goes, and one pass uses all threads anyway
};

TextEncoder::TextEncoder(const std::filesystem::path& folder, const TextEncoderOptions& options) : state_(std::make_unique<State>(folder, options)) {}
TextEncoder::~TextEncoder() = default;
TextEncoder::TextEncoder(TextEncoder&&) noexcept = default;

std::int64_t TextEncoder::width() const { return state_->loaded.model.model().shape().width; }

Embeddings TextEncoder::encode(std::span<const std::string_view> texts) const {
  std::vector<Example> examples(texts.size());
  EncodeOptions options;
  options.max_length = state_->max_length;
  at::parallel_for(0, static_cast<std::int64_t>(texts.size()), 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      Encoding encoding = state_->tokenizer->encode(texts[static_cast<std::size_t>(i)], options);
      examples[static_cast<std::size_t>(i)].ids = std::move(encoding.ids);
      examples[static_cast<std::size_t>(i)].type_ids = std::move(encoding.type_ids);
    }
  });
  const std::lock_guard lock(state_->mutex);
  return inference::embed(state_->loaded.model, examples, state_->embed);
}

}  // namespace temper
