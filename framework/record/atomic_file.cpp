// See atomic_file.h.
#include "record/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include <temper/error.h>

namespace temper::record {

namespace {

// Closes the descriptor, and removes the file unless it was kept.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (opened() && !kept_) ::unlink(path_.c_str());
  }
  bool opened() const { return opened_; }
  int descriptor() const { return descriptor_; }
  bool close() {
    const int descriptor = descriptor_;
    descriptor_ = -1;
    return ::close(descriptor) == 0;
  }
  void keep() { kept_ = true; }

 private:
  std::string path_;
  int descriptor_;
  bool opened_ = descriptor_ >= 0;
  bool kept_ = false;
};

[[noreturn]] void fail(const std::filesystem::path& file, const char* doing) {
  const int error = errno;
  std::string remedy;
  if (error == ENOSPC || error == EDQUOT) remedy = "make room on the disk and run the same command again; what was written before is kept";
  if (error == EACCES || error == EROFS || error == EPERM) remedy = "choose a folder that you may write to: --results DIR";
  throw Error(file.string() + ": " + doing + " failed: " + std::strerror(error), remedy);
}

}  // namespace

void write_file_atomically(const std::filesystem::path& file, std::span<const std::byte> content) {
  const std::string temporary_path = file.string() + ".tmp";
  TemporaryFile temporary(temporary_path);
  if (!temporary.opened()) fail(file, "creating the file");
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t written = ::write(temporary.descriptor(), content.data() + done, content.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(file, "writing");
    done += static_cast<std::size_t>(written);
  }
  if (::fsync(temporary.descriptor()) != 0) fail(file, "writing");
  if (!temporary.close()) fail(file, "writing");
  if (::rename(temporary_path.c_str(), file.c_str()) != 0) fail(file, "putting the new file in place");
  temporary.keep();
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // a folder that cannot be read: the rename stands, only a power cut could undo it
  ::fsync(descriptor);
  ::close(descriptor);
}

void write_file_atomically(const std::filesystem::path& file, std::string_view content) {
  write_file_atomically(file, std::as_bytes(std::span(content.data(), content.size())));
}

}  // namespace temper::record
