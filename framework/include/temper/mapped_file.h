// A file's bytes for reading: mapped when it is large, so that a dataset can keep an index of rows instead of the rows.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>

namespace temper {

// Small files are read into memory, larger ones are mapped: those must not be cut short or written to while they are in use, or the
// process ends by a signal, or reads what was written (replacing one by a rename is fine). Copies share the bytes. Thread-safe.
class MappedFile {
 public:
  enum class Access {
    kRead,
    kPrivateWrites,  // a mapping may be written to: the process then has its own copy of what it wrote, and the file stays as it is
  };
  // Throws Error naming the file: missing, a folder, not readable.
  explicit MappedFile(const std::filesystem::path& path, Access access = Access::kRead);
  std::string_view bytes() const { return {data_.get(), size_}; }
  const std::filesystem::path& path() const { return path_; }
  // The bytes of a file that was mapped with kPrivateWrites, for as long as the result lives; otherwise null.
  std::shared_ptr<char> private_bytes() const { return is_private_ ? std::const_pointer_cast<char>(data_) : nullptr; }

 private:
  std::filesystem::path path_;
  std::shared_ptr<const char> data_;
  std::size_t size_ = 0;
  bool is_private_ = false;
};

}  // namespace temper
