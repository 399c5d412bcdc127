// The tokens at which a checkpoint's texts end, and whether a tokenizer is the model's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <temper/tokenizer.h>
#include <temper/value.h>

namespace temper::data {

// A folder's generation_config.json; null where there is none. Throws Error with file and place where it is no object.
Value read_generation_config(const std::filesystem::path& folder);

// `eos_token_id`, a number or a list, of generation_config.json; else of config.json; else the tokenizer's eos (`tokenizer` may be null).
// As transformers takes it, the first that names one decides. The first of the tokens is the one to train with. Throws Error where the
// member is neither.
std::vector<std::int32_t> stop_tokens(const Value& generation_config, const Value& config, const Tokenizer* tokenizer);

}  // namespace temper::data
