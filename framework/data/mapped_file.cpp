// Reading small files, mapping large ones.
#include <temper/mapped_file.h>

#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <temper/error.h>

namespace temper {

namespace {

constexpr std::size_t kMapFromBytes = std::size_t{16} << 20;

struct Descriptor {
  int value = -1;
  ~Descriptor() { if (value >= 0) ::close(value); }
};

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  throw Error({{{path.string()}, std::string(what) + ": " + std::strerror(errno), {}}});
}

std::string read_to_end(int file, const std::filesystem::path& path) {
  std::string bytes;
  std::size_t used = 0;
  for (;;) {
    if (used == bytes.size()) bytes.resize(bytes.empty() ? std::size_t{1} << 16 : 2 * bytes.size());
    const ssize_t count = ::read(file, bytes.data() + used, bytes.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, "cannot be read");
    if (count == 0) break;
    used += static_cast<std::size_t>(count);
  }
  bytes.resize(used);
  return bytes;
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path, Access access) : path_(path) {
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.value < 0) fail(path, "cannot be opened");
  struct stat status {};
  if (::fstat(file.value, &status) != 0) fail(path, "cannot be opened");
  if (S_ISDIR(status.st_mode)) throw Error({{{path.string()}, "is a folder, expected a file", {}}});
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) throw Error({{{path.string()}, "is a device, expected a file", {}}});  // some never end
  const auto size = static_cast<std::size_t>(status.st_size);
  if (S_ISREG(status.st_mode) && size >= kMapFromBytes) {
    is_private_ = access == Access::kPrivateWrites;
    // Pages are copied when they are written to, so memory is reserved for none of them.
    void* mapped = ::mmap(nullptr, size, is_private_ ? PROT_READ | PROT_WRITE : PROT_READ, MAP_PRIVATE | MAP_NORESERVE, file.value, 0);
    if (mapped == MAP_FAILED) fail(path, "cannot be mapped");
    data_ = std::shared_ptr<const char>(static_cast<const char*>(mapped),
                                        [size](const char* p) { ::munmap(const_cast<char*>(p), size); });
    size_ = size;
    return;
  }
  auto bytes = std::make_shared<const std::string>(read_to_end(file.value, path));
  size_ = bytes->size();
  data_ = std::shared_ptr<const char>(bytes, bytes->data());
}

}  // namespace temper
