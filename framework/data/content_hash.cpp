// XXH3 over files and folders, remembered per file while the process lives.
#include "data/content_hash.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <temper/error.h>

#include "data/adapter_folder.h"

namespace temper::data {

namespace {

constexpr int kDeepestFolder = 32;  // a link that leads back ends here

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) { throw Error({{{path.string()}, what, {}}}); }

class Hasher {
 public:
  Hasher() : state_(XXH3_createState(), XXH3_freeState) { XXH3_128bits_reset(state_.get()); }
  void add(const void* bytes, std::size_t size) { XXH3_128bits_update(state_.get(), bytes, size); }
  std::string digits() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    char text[33];
    std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high64), static_cast<unsigned long long>(hash.low64));
    return text;
  }

 private:
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_;
};

struct Descriptor {
  int value = -1;
  ~Descriptor() { if (value >= 0) ::close(value); }
};

// A cache of what was read, safe to share: an entry holds only for a file with the same device, inode, size and time.
using FileState = std::tuple<dev_t, ino_t, off_t, std::int64_t, std::int64_t>;

std::string file_hash(const std::filesystem::path& path) {
  static std::mutex mutex;
  static std::map<FileState, std::string> known;
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat status {};
  if (file.value < 0 || ::fstat(file.value, &status) != 0) fail(path, std::string("cannot be opened: ") + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) fail(path, "is neither a file nor a folder");
  const FileState state{status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
  {
    const std::lock_guard lock(mutex);
    if (const auto found = known.find(state); found != known.end()) return found->second;
  }
  Hasher hasher;
  std::vector<char> buffer(std::size_t{1} << 20);
  for (;;) {
    const ssize_t count = ::read(file.value, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, std::string("cannot be read: ") + std::strerror(errno));
    if (count == 0) break;
    hasher.add(buffer.data(), static_cast<std::size_t>(count));
  }
  const std::lock_guard lock(mutex);
  return known[state] = hasher.digits();
}

void list_files(const std::filesystem::path& folder, const std::string& prefix, int depth, std::vector<std::pair<std::string, std::filesystem::path>>& files) {
  if (depth > kDeepestFolder) fail(folder, "is nested too deeply; does a link lead back?");
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with('.')) continue;
    if (std::filesystem::is_directory(entry->path())) list_files(entry->path(), prefix + name + "/", depth + 1, files);
    else files.emplace_back(prefix + name, entry->path());
  }
  if (error) fail(folder, "cannot be read: " + error.message());
}

}  // namespace

std::string content_hash(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return file_hash(path);
  std::vector<std::pair<std::string, std::filesystem::path>> files;
  list_files(path, "", 0, files);
  std::sort(files.begin(), files.end());
  Hasher hasher;
  for (const auto& [name, file] : files) {
    const std::string hash = file_hash(file);
    hasher.add(name.c_str(), name.size() + 1);  // with its end, so that no name runs into the next
    hasher.add(hash.data(), hash.size());
  }
  if (is_adapter_folder(path)) {
    const std::string base = content_hash(find_adapter_base(path));
    hasher.add(base.data(), base.size());
  }
  return hasher.digits();
}

}  // namespace temper::data
