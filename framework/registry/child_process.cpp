// run_child: posix_spawn (no fork: the caller may have threads), two pipes, poll.
#include "registry/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <thread>

#include <temper/error.h>

extern char** environ;

namespace temper::registry {

namespace {

constexpr std::size_t kMaxErrorBytes = 64 * 1024;

class Descriptor {
 public:
  Descriptor() = default;
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  void close() {
    if (value >= 0) ::close(value);
    value = -1;
  }
  int value = -1;
};

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Error(std::string("cannot make a pipe: ") + std::strerror(errno));
    read.value = ends[0];
    write.value = ends[1];
  }
  Descriptor read, write;
};

class SpawnSetup {
 public:
  SpawnSetup(int output, int errors) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, errors, 2);
    // A caller that blocks signals must not hand that on.
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

pid_t spawn(const std::filesystem::path& program, const std::vector<std::string>& arguments, int output, int errors) {
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), program.string());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  SpawnSetup setup(output, errors);
  pid_t child = 0;
  const int error = posix_spawn(&child, program.c_str(), &setup.actions, &setup.attributes, pointers.data(), environ);
  if (error != 0) throw Error({Problem{{program.string(), 0, 0}, std::string("cannot be started: ") + std::strerror(error), {}}});
  return child;
}

// Appends what can be read; false at the end.
bool drain(Descriptor& from, std::string& to) {
  std::array<char, 65536> buffer;
  const ssize_t count = ::read(from.value, buffer.data(), buffer.size());
  if (count > 0) to.append(buffer.data(), static_cast<std::size_t>(count));
  if (count > 0 || (count < 0 && errno == EINTR)) return true;
  from.close();
  return false;
}

using Clock = std::chrono::steady_clock;

// A child may close its pipes and live on.
int wait_until(pid_t child, Clock::time_point deadline, bool& timed_out) {
  int status = 0;
  while (true) {
    const pid_t ended = ::waitpid(child, &status, timed_out ? 0 : WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR)) return status;
    if (timed_out || ended < 0) continue;
    if (Clock::now() > deadline) {
      timed_out = true;
      ::kill(child, SIGKILL);
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

}  // namespace

std::string describe(const ChildResult& result, std::chrono::milliseconds limit) {
  std::ostringstream text;
  if (result.timed_out) {
    text << "did not answer within " << static_cast<double>(limit.count()) / 1000 << " s";
  } else if (result.signal) {
    text << "was ended by signal " << result.signal << " (" << strsignal(result.signal) << ')';
  } else {
    text << "exited with status " << result.exit_status;
  }
  return text.str();
}

std::string last_lines(const std::string& text, int lines) {
  std::vector<std::string> all;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (line.find_first_not_of(" \t\r") != std::string::npos) all.push_back("    " + line);
  std::string result;
  for (std::size_t i = all.size() - std::min<std::size_t>(all.size(), static_cast<std::size_t>(lines)); i < all.size(); ++i)
    result += (result.empty() ? "" : "\n") + all[i];
  return result;
}

ChildResult run_child(const std::filesystem::path& program, const std::vector<std::string>& arguments, std::chrono::milliseconds limit) {
  Pipe output, errors;
  const pid_t child = spawn(program, arguments, output.write.value, errors.write.value);
  output.write.close();
  errors.write.close();
  ChildResult result;
  auto deadline = Clock::now() + limit;
  while (output.read.value >= 0 || errors.read.value >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
      result.timed_out = true;
      ::kill(child, SIGKILL);
      break;
    }
    std::array<pollfd, 2> waits{{{output.read.value, POLLIN, 0}, {errors.read.value, POLLIN, 0}}};
    if (::poll(waits.data(), waits.size(), static_cast<int>(left)) <= 0) continue;
    if (waits[0].revents && drain(output.read, result.output)) deadline = Clock::now() + limit;
    if (waits[1].revents) drain(errors.read, result.errors);
    if (result.errors.size() > 2 * kMaxErrorBytes) result.errors.erase(0, result.errors.size() - kMaxErrorBytes);
  }
  const int status = wait_until(child, deadline, result.timed_out);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  if (WIFEXITED(status)) result.exit_status = WEXITSTATUS(status);
  if (result.errors.size() > kMaxErrorBytes) result.errors.erase(0, result.errors.size() - kMaxErrorBytes);
  return result;
}

}  // namespace temper::registry
