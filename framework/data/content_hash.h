// What a file or folder holds, as a short text: inputs count for a trial's identity by their contents, not by their names.
#pragma once

#include <filesystem>
#include <string>

namespace temper::data {

// 32 hexadecimal digits (XXH3, 128 bits) of a file's bytes, or of a folder's relative file names and their contents, in the
// order of the names; hidden files are left out, links are followed. A folder of adapters counts with its base. Within a process a file that keeps size, inode and
// modification time is read once. Throws Error when something cannot be read.
std::string content_hash(const std::filesystem::path& file_or_folder);

}  // namespace temper::data
