// See study_lock.h.
#include "launch/study_lock.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include <temper/error.h>
#include <temper/value.h>

#include "launch/machine.h"
#include "record/study_file.h"

namespace temper::launch {

namespace fs = std::filesystem;

namespace {

// Nothing where the file is empty (its run ended in order) or was cut.
std::optional<LockHolder> read_holder(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  char text[1024];
  const ssize_t length = ::read(descriptor, text, sizeof text);
  ::close(descriptor);
  if (length <= 0) return std::nullopt;
  try {
    const Value value = parse_json(std::string_view(text, static_cast<std::size_t>(length)));
    const Value *process = value.find("process"), *host = value.find("host"), *since = value.find("since");
    if (!process || !host || !since) return std::nullopt;
    return LockHolder{static_cast<long>(process->as_integer()), host->as_string(), since->as_string()};
  } catch (const Error&) {
    return std::nullopt;
  }
}

// Opened anew each time: network file systems look at the server then.
std::optional<timespec> time_of(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  struct stat status {};
  const bool good = ::fstat(descriptor, &status) == 0;
  ::close(descriptor);
  return good ? std::optional(status.st_mtim) : std::nullopt;
}

bool is_alive(const LockHolder& holder) { return holder.process > 0 && (::kill(static_cast<pid_t>(holder.process), 0) == 0 || errno == EPERM); }

std::string named(const LockHolder& holder) { return "process " + std::to_string(holder.process) + " on " + holder.host + " since " + holder.since; }

[[noreturn]] void refuse(const fs::path& study_folder, const std::optional<LockHolder>& holder) {
  throw Error(study_folder.string() + " is being written by " + (holder ? named(*holder) : std::string("another process")),
              "wait for it, or give this run another name or --results");
}

// Whether another host's run shows a sign of life. Times of one file are compared with each other, never with this machine's clock.
bool shows_life(const fs::path& file, LockTiming timing) {
  const std::optional<timespec> before = time_of(file);
  const auto end = std::chrono::steady_clock::now() + timing.patience;
  while (std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(timing.sign_of_life / 10);
    const std::optional<timespec> now = time_of(file);
    if (!now || !before) return false;  // removed: given up, or by hand
    if (now->tv_sec != before->tv_sec || now->tv_nsec != before->tv_nsec) return read_holder(file).has_value();  // emptied: it has just ended
  }
  return false;
}

}  // namespace

StudyLock::StudyLock(const fs::path& study_folder, const std::function<void(const std::string&)>& note, LockTiming timing) {
  const fs::path file = study_folder / kLockFile;
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) throw Error(file.string() + " cannot be opened: " + ::strerror(errno));
  try {
    const bool is_locked = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
    const bool has_flock = is_locked || errno == EWOULDBLOCK;  // some network file systems have none: the file alone tells then
    const std::optional<LockHolder> holder = read_holder(file);
    if (!is_locked && has_flock) refuse(study_folder, holder);
    if (holder && holder->host == host_name()) {
      if (!has_flock && is_alive(*holder)) refuse(study_folder, holder);
      note("an earlier run was ended in the middle (" + named(*holder) + "): this one goes on from there");
    } else if (holder) {
      note(study_folder.string() + " was last written by " + named(*holder) + ": waiting for a sign of life");
      if (shows_life(file, timing)) refuse(study_folder, holder);
      note("there is none: that run was ended in the middle, this one goes on from there");
    }
    sign();
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
  life_ = std::thread([this, timing] { show_life(timing.sign_of_life); });
}

void StudyLock::sign() {
  const std::string own = to_json(Value(Value::Table{{"process", static_cast<std::int64_t>(::getpid())}, {"host", host_name()}, {"since", record::now_iso8601()}})) + '\n';
  if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, own.data(), own.size(), 0) != static_cast<ssize_t>(own.size())) {
    // The flock holds all the same; who holds it is for messages and other hosts. A full disk is told by what is written next.
  }
}

void StudyLock::show_life(std::chrono::milliseconds interval) {
  std::unique_lock lock(mutex_);
  while (!ends_.wait_for(lock, interval, [this] { return is_ending_; })) {
    const timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
    ::futimens(descriptor_, now);
  }
}

StudyLock::~StudyLock() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  ends_.notify_one();
  life_.join();
  if (::ftruncate(descriptor_, 0) != 0) {
    // Then it looks as after a kill, which the next run says and goes on from.
  }
  ::close(descriptor_);
}

}  // namespace temper::launch
