// A tiny experiment that needs no tokenizer: token ids whose label can be told from which ids occur.
#pragma once

#include <filesystem>
#include <string>

#include "support/temporary_folder.h"

namespace temper::testing {

// Items number `first` to `first + count - 1` as JSON lines; two labels, a third of the tokens tell which.
inline std::string ids_lines(int first, int count) {
  std::string lines;
  for (int number = first; number < first + count; ++number) {
    const bool is_odd = number * 7 % 5 < 2;
    lines += "{\"id\": \"" + std::to_string(number) + "\", \"input_ids\": [1";
    for (int i = 0; i < 4 + number % 6; ++i) lines += ", " + std::to_string(i % 3 == 0 ? (is_odd ? 10 : 20) + number * (i + 3) % 7 : 30 + number * (i + 1) % 13);
    lines += std::string("], \"label\": \"") + (is_odd ? "odd" : "even") + "\"}\n";
  }
  return lines;
}

// Writes train.jsonl, test.jsonl and ids.toml into `folder`; `training` and `rest` go into the file as they are.
inline std::filesystem::path write_ids_experiment(const TemporaryFolder& folder, const std::string& training, const std::string& rest = {}) {
  folder.write("train.jsonl", ids_lines(0, 60));
  folder.write("test.jsonl", ids_lines(100, 30));
  return folder.write("ids.toml", R"(name = "ids"
task = "classification"
threads = 1
[dataset]
plugin = "jsonl"
train = "train.jsonl"
validation = 0.2
test = "test.jsonl"
[model]
plugin = "bert"
config = { vocab_size = 48, hidden_size = 32, num_hidden_layers = 2, num_attention_heads = 2, intermediate_size = 64, max_position_embeddings = 32 }
[training]
)" + training + "\n" + rest + R"(
[[strategy]]
plugin = "supervised"
)");
}

}  // namespace temper::testing
