// A checksum behind the last byte of an HDF5 file. The HDF5 library ignores what follows its own end, and drops it when it changes
// a file; but it may crash on a damaged file, because its strings carry no checksum. So what was damaged must never reach it.
//
// The seal is 16 bytes: "temperH1", then XXH3 (64 bits, seed 0, little-endian) of all bytes before the seal.
#pragma once

#include <filesystem>
#include <string_view>

namespace temper::record {

// Atomically (data/atomic_file.h), with the seal.
void write_sealed_file(const std::filesystem::path& file, std::string_view content);

// Throws Error when the file ends in a seal that does not fit it. A file without a seal passes: another program has rewritten it.
void check_seal(const std::filesystem::path& file);

}  // namespace temper::record
