// Items to tokens, states to vectors.
#include "study/embed_items.h"

#include <array>
#include <cstdio>
#include <memory>

#include <xxhash.h>

#include "data/encode_items.h"
#include "inference/embed.h"

namespace temper::study {

namespace {

// All token ids and their types, each row with its length.
std::string hash_of(const std::vector<Example>& examples) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), XXH3_freeState);
  XXH3_128bits_reset(state.get());
  for (const Example& example : examples) {
    for (const auto* row : {&example.ids, &example.type_ids}) {
      const std::uint64_t size = row->size();
      XXH3_128bits_update(state.get(), &size, sizeof size);
      XXH3_128bits_update(state.get(), row->data(), row->size() * sizeof(std::int32_t));
    }
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  std::array<char, 33> text;
  std::snprintf(text.data(), text.size(), "%016llx%016llx", static_cast<unsigned long long>(hash.high64), static_cast<unsigned long long>(hash.low64));
  return text.data();
}

}  // namespace

EmbeddedItems embed_items(TrialInputs& inputs, const EmbedRequest& request, std::span<const Item> items) {
  TrialModel& model = request.model;
  const auto encoder = data::make_text_encoder(request.prompt, request.tokenizer, {.max_length = model.max_length, .vocabulary = model.vocabulary});
  std::vector<Example> examples;
  EmbeddedItems result;
  for (const Item& item : items) {
    data::EncodedItem encoded = encoder->encode(item);
    result.truncated_items += encoded.dropped_tokens > 0 ? 1 : 0;
    result.dropped_tokens += encoded.dropped_tokens;
    examples.push_back(std::move(encoded.examples.front()));
  }
  const auto compute = [&] {
    return inference::embed(model.loaded.model, examples, {.embedding = request.embedding, .bf16 = request.options.bf16, .plain = request.options.plain, .device = request.options.device});
  };
  if (request.weights_key.empty()) {
    result.embeddings = compute();
    return result;
  }
  const std::string how = std::to_string(static_cast<int>(request.embedding.pooling)) + (request.embedding.normalize ? "n" : "-") + (request.options.bf16 ? "h" : "-") +
                          (request.options.plain ? "p" : "-") + request.options.device.str();
  result.embeddings = *inputs.embeddings(request.weights_key + '\n' + how + '\n' + hash_of(examples), compute);
  return result;
}

}  // namespace temper::study
