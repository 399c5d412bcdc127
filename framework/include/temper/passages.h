// Corpora in files: a JSON object {"id", "text"} a line.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <temper/retriever.h>

namespace temper {

// Other members are ignored, and so are empty lines. An empty text is kept. Ids are strings or integers, each given once. `what` names
// the file's purpose in messages ("the corpus"). Throws one Error with every bad line (the first twenty are named), or when there is none.
std::vector<Passage> read_passages(const std::filesystem::path& file, const std::string& what);

// The same lines; throws Error when the file cannot be written.
void write_passages(const std::filesystem::path& file, std::span<const Passage> passages);

}  // namespace temper
