// What reads files of others: each reader with small files to begin with. For the fuzz targets and for the test of mutations.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace temper::testing {

struct FuzzReader {
  const char* name;  // of the format
  // Writes `bytes` into `folder` as a file of the format, reads it, and uses what was read. False when the file is refused by an Error;
  // anything else that is thrown, or goes wrong, is a bug.
  bool (*read)(const std::filesystem::path& folder, std::string_view bytes);
  std::vector<std::string> (*seeds)();  // valid files
};

const std::vector<FuzzReader>& fuzz_readers();

}  // namespace temper::testing
