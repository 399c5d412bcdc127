// A small config.json of decoders, for their plugins' tests.
#pragma once

#include <string>

#include <temper/value.h>

namespace temper::testing {

// `more` is JSON that is added, or that replaces what is there.
inline Value decoder_config(const std::string& more = "{}") {
  Value config = parse_json(R"({"vocab_size": 40, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
                                "max_position_embeddings": 16, "pad_token_id": 39})");
  const Value added = parse_json(more);
  for (const auto& [key, value] : added.as_table()) config.set(key, value);
  return config;
}

}  // namespace temper::testing
