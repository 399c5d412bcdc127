// Where the real inputs lie that some tests read: TEMPER_SHARED, else ../shared beside the repository.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace temper::testing {

// Nothing when there is no such folder: skip then, and say so.
//   const auto shared = temper::testing::shared_folder();
//   if (!shared) GTEST_SKIP() << temper::testing::kNoSharedFolder;
inline std::optional<std::filesystem::path> shared_folder() {
  const char* given = std::getenv("TEMPER_SHARED");
  const std::filesystem::path folder = given && *given ? std::filesystem::path(given) : std::filesystem::path(TEMPER_SOURCE_DIRECTORY).parent_path() / "shared";
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) return std::nullopt;
  return folder;
}

inline constexpr const char* kNoSharedFolder = "needs the real inputs: set TEMPER_SHARED to the folder that holds them";

}  // namespace temper::testing
