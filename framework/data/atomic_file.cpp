// Write beside, fsync, rename, fsync of the folder.
#include "data/atomic_file.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <regex>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <temper/error.h>
#include <temper/mapped_file.h>

namespace temper::data {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what, int reason) {
  throw Error({{{path.string()}, what + ": " + std::strerror(reason), {}}});
}

struct Descriptor {
  int value = -1;
  ~Descriptor() { if (value >= 0) ::close(value); }
};

void sync_path(const std::filesystem::path& path, int flags, const char* what) {
  Descriptor file{::open(path.c_str(), flags | O_CLOEXEC)};
  if (file.value < 0 || ::fsync(file.value) != 0) fail(path, what, errno);
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

}  // namespace

// Unique among processes and threads; a file that a killed process left behind is never mistaken for another's.
AtomicReplacement::AtomicReplacement(std::filesystem::path target) : target_(std::move(target)) {
  static std::atomic<unsigned> count{0};
  temporary_ = folder_of(target_) / ("." + target_.filename().string() + "." + std::to_string(::getpid()) + "." + std::to_string(count++) + ".tmp");
}

AtomicReplacement::~AtomicReplacement() {
  if (!committed_) ::unlink(temporary_.c_str());
}

void AtomicReplacement::commit() {
  sync_path(temporary_, O_RDONLY, "cannot be written");
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(target_, "cannot be written", errno);
  committed_ = true;
  sync_folder(folder_of(target_));
}

void write_file_atomically(const std::filesystem::path& path, std::string_view contents) {
  AtomicReplacement replacement(path);
  {
    Descriptor file{::open(replacement.temporary().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
    if (file.value < 0) fail(path, "cannot be written", errno);
    while (!contents.empty()) {
      const ssize_t count = ::write(file.value, contents.data(), contents.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail(path, "cannot be written", errno);
      contents.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  replacement.commit();
}

std::string read_file(const std::filesystem::path& path, std::uintmax_t limit_bytes) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (!error && size > limit_bytes)
    throw Error({{{path.string()}, "has " + std::to_string(size) + " bytes, expected at most " + std::to_string(limit_bytes), {}}});
  return std::string(MappedFile(path).bytes());
}

void remove_leftovers(const std::filesystem::path& folder) {
  static const std::regex pattern(R"(\..+\.([0-9]{1,9})\.[0-9]+\.tmp)");  // as AtomicReplacement names them
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    std::smatch match;
    if (!std::regex_match(name, match, pattern)) continue;
    if (::kill(std::stoi(match[1]), 0) != 0 && errno == ESRCH) ::unlink(entry.path().c_str());
  }
}

void sync_folder(const std::filesystem::path& folder) { sync_path(folder, O_RDONLY | O_DIRECTORY, "cannot be made durable"); }

}  // namespace temper::data
