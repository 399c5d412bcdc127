// Files that hold either their old or their new contents, whatever happens: written beside, fsync, rename, fsync of the folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace temper::data {

// For writers that need a path of their own (HDF5): write to `temporary()`, close it, then commit. Without a commit the
// temporary file is removed. The temporary lies in the target's folder, which must exist.
class AtomicReplacement {
 public:
  explicit AtomicReplacement(std::filesystem::path target);
  ~AtomicReplacement();
  AtomicReplacement(const AtomicReplacement&) = delete;
  AtomicReplacement& operator=(const AtomicReplacement&) = delete;

  const std::filesystem::path& temporary() const { return temporary_; }
  void commit();  // throws Error, and removes the temporary, when the disk refuses

 private:
  std::filesystem::path target_, temporary_;
  bool committed_ = false;
};

// Throws Error naming the file and the system's reason.
void write_file_atomically(const std::filesystem::path& path, std::string_view contents);

// The whole of a regular file. Throws Error naming the file; also when it is larger than `limit_bytes`.
std::string read_file(const std::filesystem::path& path, std::uintmax_t limit_bytes = std::uintmax_t{1} << 30);

// Removes the temporary files in `folder` whose writer was killed before it could: its process is gone. Others stay.
void remove_leftovers(const std::filesystem::path& folder);

// Makes a rename or a new file in `folder` last: fsync of the folder itself.
void sync_folder(const std::filesystem::path& folder);

}  // namespace temper::data
