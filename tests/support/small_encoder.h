// A small sentence encoder with random weights as a Hugging Face folder: BERT over letters.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "nn/checkpoint.h"
#include "registry/registry.h"

namespace temper::testing {

// Weights far apart, so that unlike texts have unlike vectors.
inline std::filesystem::path write_small_encoder(const std::filesystem::path& folder, std::uint64_t seed = 1) {
  std::filesystem::create_directories(folder);
  std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  int size = 5;
  for (const std::string& start : {std::string(), std::string("##")}) {
    for (char c = 'a'; c <= 'z'; ++c, ++size) vocabulary += start + c + '\n';
    for (char c = '0'; c <= '9'; ++c, ++size) vocabulary += start + c + '\n';
  }
  for (const char c : {'.', ',', '?', '!', ':'}) { vocabulary += std::string(1, c) + '\n'; ++size; }
  std::ofstream(folder / "vocab.txt") << vocabulary;
  std::ofstream(folder / "tokenizer_config.json") << "{\"do_lower_case\": true}\n";
  Value config = Value::Table();
  for (const auto& [key, value] : {std::pair<const char*, int>{"vocab_size", size}, {"max_position_embeddings", 64}, {"hidden_size", 24}, {"num_hidden_layers", 2},
                                   {"num_attention_heads", 3}, {"intermediate_size", 48}}) {
    config.set(key, value);
  }
  config.set("initializer_range", 0.3);
  nn::LoadedModel made = nn::new_model(registry::installed(), "bert", config, {.head = HeadKind::kSequenceClassification, .labels = {"no", "yes"}, .seed = seed});
  nn::save_model(made.model, made.config, {"no", "yes"}, folder);
  return folder;
}

}  // namespace temper::testing
