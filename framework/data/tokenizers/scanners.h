// Hand-written scanners for the split expressions that most models use: the fast twins of Regex.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <temper/tokenizer.h>

namespace temper::data::tokenizers {

// GPT-2's expression (Radford et al. 2019, encoder.py); RoBERTa, GPT-NeoX and the component ByteLevel have it too.
inline constexpr std::string_view kGpt2Pattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
// Llama 3's, and Qwen 2's, which takes digits one by one.
inline constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// Appends the matches, which cover all of `text` (valid UTF-8), as ranges that begin at `base`.
using Scanner = void (*)(std::string_view text, std::uint32_t base, std::vector<ByteRange>& matches);
Scanner scanner_for(std::string_view pattern);  // nullptr when there is none

}  // namespace temper::data::tokenizers
