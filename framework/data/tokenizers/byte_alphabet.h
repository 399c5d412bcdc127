// GPT-2's alphabet of bytes: a printable character for every byte (Radford et al. 2019, section 2.2, and their encoder.py).
#pragma once

#include <string>
#include <string_view>

namespace temper::data::tokenizers {

char32_t character_of_byte(unsigned char byte);
int byte_of_character(char32_t c);  // -1 for a character outside of the alphabet

// The bytes that a token stands for. False when it holds any other character.
bool to_bytes(std::string_view token, std::string& bytes);
std::string from_bytes(std::string_view bytes);

}  // namespace temper::data::tokenizers
