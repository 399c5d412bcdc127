// A file's bytes for reading: mapped when it is large, so that a dataset can keep an index of rows instead of the rows.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>

namespace temper {

// Small files are read into memory, larger ones are mapped: those must not be cut short while they are in use. Copies share the
// bytes. Thread-safe.
class MappedFile {
 public:
  // Throws Error naming the file: missing, a folder, not readable.
  explicit MappedFile(const std::filesystem::path& path);
  std::string_view bytes() const { return {data_.get(), size_}; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::shared_ptr<const char> data_;
  std::size_t size_ = 0;
};

}  // namespace temper
