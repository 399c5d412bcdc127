// See sealed_file.h.
#include "record/sealed_file.h"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include <temper/error.h>
#include <temper/mapped_file.h>

#include "data/atomic_file.h"

namespace temper::record {

namespace {

constexpr std::string_view kMagic = "temperH1";
constexpr std::size_t kSealSize = 16;

std::string seal_of(std::string_view content) {
  std::string seal(kMagic);
  std::uint64_t hash = XXH3_64bits(content.data(), content.size());
  for (int i = 0; i < 8; ++i, hash >>= 8) seal += static_cast<char>(hash & 0xFF);
  return seal;
}

[[noreturn]] void fail(const std::filesystem::path& file, int error) {
  std::string remedy;
  if (error == ENOSPC || error == EDQUOT) remedy = "make room on the disk and run the same command again; what was written before is kept";
  throw Error({{{file.string()}, std::string("cannot be written: ") + std::strerror(error), remedy}});
}

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& file) : value_(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int value() const { return value_; }
  bool write(std::string_view content) {
    while (!content.empty()) {
      const ssize_t count = ::write(value_, content.data(), content.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return false;
      content.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

 private:
  int value_;
};

}  // namespace

void write_sealed_file(const std::filesystem::path& file, std::string_view content) {
  data::AtomicReplacement replacement(file);
  {
    Descriptor descriptor(replacement.temporary());
    if (descriptor.value() < 0) fail(file, errno);
    if (!descriptor.write(content) || !descriptor.write(seal_of(content))) fail(file, errno);
  }
  replacement.commit();
}

void check_seal(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  const std::string_view bytes = mapped.bytes();
  if (bytes.size() < kSealSize || bytes.substr(bytes.size() - kSealSize, kMagic.size()) != kMagic) return;
  const std::string_view content = bytes.substr(0, bytes.size() - kSealSize);
  if (bytes.substr(content.size()) != seal_of(content))
    throw Error(file.string() + ": its checksum does not fit its content", "the file is damaged: take a copy, or run its trials again");
}

}  // namespace temper::record
