// Who holds a study: one run at a time writes its folder.
//
// results/NAME/.lock holds {"process", "host", "since"} and, while a run holds it, a flock, which the system gives up with the process,
// however that ends; the file's time is renewed as a sign of life. A run that ends in order empties the file. So a file with a holder and
// without a flock is of a run that was killed, or of one on another machine whose flock does not reach this one: of a holder of this host
// it is stale at once, of another host's when it shows no sign of life while one waits for two.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace temper::launch {

struct LockTiming {
  std::chrono::milliseconds sign_of_life = std::chrono::seconds(10);  // how often the holder renews the file's time
  std::chrono::milliseconds patience = std::chrono::seconds(25);      // how long another host's sign is waited for
};

// What the file says of its holder.
struct LockHolder {
  long process = 0;
  std::string host, since;  // since: ISO 8601
};

class StudyLock {
 public:
  // Throws Error, naming process, host and time, when another run holds it. `note` is told of a stale lock that was taken over, and
  // before waiting.
  StudyLock(const std::filesystem::path& study_folder, const std::function<void(const std::string&)>& note, LockTiming timing = {});
  ~StudyLock();
  StudyLock(const StudyLock&) = delete;
  StudyLock& operator=(const StudyLock&) = delete;

 private:
  void sign();
  void show_life(std::chrono::milliseconds interval);

  int descriptor_ = -1;
  std::mutex mutex_;
  std::condition_variable ends_;
  bool is_ending_ = false;
  std::thread life_;
};

inline constexpr const char* kLockFile = ".lock";

}  // namespace temper::launch
