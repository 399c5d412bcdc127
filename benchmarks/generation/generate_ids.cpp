// Times greedy generation: generate_ids MODEL PROMPTS.json NEW_TOKENS
//
// PROMPTS.json is an array of prompts, each an array of token ids. Every line of standard input asks for one run, "float32 32" or "bf16 32"
// (products, rows at a time), and is answered by a line of JSON: the seconds of the run and, of each prompt, "tokens" and "logprobs".
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include <temper/value.h>

#include "inference/generate.h"
#include "nn/checkpoint.h"
#include "nn/keep_memory.h"
#include "registry/registry.h"

namespace {

using namespace temper;

std::vector<inference::GenerateRequest> read_prompts(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  std::vector<inference::GenerateRequest> requests;
  for (const Value& prompt : parse_json(text.str(), file).as_array()) {
    inference::GenerateRequest& request = requests.emplace_back();
    for (const Value& id : prompt.as_array()) request.prompt.push_back(static_cast<std::int32_t>(id.as_integer()));
  }
  return requests;
}

Value answer(const std::vector<inference::GenerateResult>& results, double seconds) {
  Value::Array tokens, logprobs;
  for (const inference::GenerateResult& result : results) {
    Value::Array ids;
    for (const std::int32_t id : result.tokens) ids.push_back(Value(std::int64_t{id}));
    tokens.push_back(Value(std::move(ids)));
    logprobs.push_back(Value(result.logprob));
  }
  return Value(Value::Table{{"seconds", Value(seconds)}, {"tokens", Value(std::move(tokens))}, {"logprobs", Value(std::move(logprobs))}});
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return std::fprintf(stderr, "usage: generate_ids MODEL PROMPTS.json NEW_TOKENS\n"), 2;
  try {
    nn::keep_freed_memory();
    const auto requests = read_prompts(arguments[2]);
    nn::LoadedModel loaded = nn::load_model(registry::installed(), arguments[1], {.head = HeadKind::kLanguageModeling, .labels = {}});
    inference::GenerateOptions options;
    options.generation.max_new_tokens = std::stol(arguments[3]);
    std::cout << "ready" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
      std::string type;
      std::istringstream(line) >> type >> options.rows;
      options.bf16 = type == "bf16";
      const auto start = std::chrono::steady_clock::now();
      const auto results = inference::generate(loaded.model, requests, options);
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      std::cout << to_json(answer(results, seconds.count())) << std::endl;
    }
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "generate_ids: %s\n", error.what()), 2;
  }
}
