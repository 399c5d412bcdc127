// Steps that readers of other formats than tokenizer.json need too.
#pragma once

#include "data/tokenizers/components.h"

namespace temper::data::tokenizers {

// ByteLevel: perhaps a space in front, perhaps GPT-2's split, and bytes as characters.
void add_byte_level(PreTokenizers& steps, bool add_prefix_space, bool use_regex);
std::unique_ptr<PreTokenizer> split_by(std::string_view pattern, SplitBehavior behavior, bool invert);
std::unique_ptr<PreTokenizer> bert_pre_tokenizer();

}  // namespace temper::data::tokenizers
