// Tokenizers of model folders.
#pragma once

#include <filesystem>
#include <memory>

#include <temper/tokenizer.h>

namespace temper::registry {
class Registry;
}

namespace temper::data {

// The tokenizer of a folder or file, made by the plugin that claims its format. Throws Error when there is none.
std::unique_ptr<Tokenizer> open_tokenizer(const registry::Registry& registry, const std::filesystem::path& folder_or_file);

}  // namespace temper::data
