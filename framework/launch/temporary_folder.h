// A folder of one's own in the system's place for such, removed with all in it: where trials run that belong to no study.
#pragma once

#include <filesystem>
#include <string>

namespace temper::launch {

class TemporaryFolder {
 public:
  // `purpose` becomes a part of its name: "temper-probe-XXXXXX". Throws Error when it cannot be made.
  explicit TemporaryFolder(const std::string& purpose);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace temper::launch
