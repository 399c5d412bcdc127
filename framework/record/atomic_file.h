// Writing a file so that whoever reads it, now or after a crash, finds the old one or the new one, whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace temper::record {

// FILE.tmp, fsync, rename, fsync of the folder. On an error (no such folder, no right, disk full) FILE stays as it was, FILE.tmp
// is removed and Error names the file and the system's reason.
void write_file_atomically(const std::filesystem::path& file, std::span<const std::byte> content);
void write_file_atomically(const std::filesystem::path& file, std::string_view content);

}  // namespace temper::record
