// Worker processes on this machine.
#include "launch/worker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <thread>

extern char** environ;

namespace temper::launch {

namespace {

struct Pipe {
  int read = -1, write = -1;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw Error(std::string("no pipe for a worker: ") + ::strerror(errno));
    read = ends[0];
    write = ends[1];
  }
};

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry; ++entry) {
    const std::string text(*entry);
    if (!changes.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto& [name, value] : changes) result.push_back(name + '=' + value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// A set of cores of any size.
class CoreSet {
 public:
  explicit CoreSet(const std::vector<int>& cores) {
    if (cores.empty()) return;
    const std::size_t most = static_cast<std::size_t>(*std::max_element(cores.begin(), cores.end())) + 1;
    set_ = CPU_ALLOC(most);
    size_ = CPU_ALLOC_SIZE(most);
    CPU_ZERO_S(size_, set_);
    for (const int core : cores) CPU_SET_S(static_cast<std::size_t>(core), size_, set_);
  }
  ~CoreSet() {
    if (set_) CPU_FREE(set_);
  }
  CoreSet(const CoreSet&) = delete;
  CoreSet& operator=(const CoreSet&) = delete;
  void apply() const {
    if (set_) ::sched_setaffinity(0, size_, set_);  // where it is refused the worker runs everywhere
  }

 private:
  cpu_set_t* set_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace

std::string describe_exit(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int signal = WTERMSIG(wait_status);
    const char* name = ::sigabbrev_np(signal);
    const char* words = ::sigdescr_np(signal);
    return "was killed by " + (name ? "SIG" + std::string(name) : "signal " + std::to_string(signal)) + (words ? " (" + std::string(words) + ")" : "");
  }
  if (WIFEXITED(wait_status)) return "exited with status " + std::to_string(WEXITSTATUS(wait_status));
  return "ended in an unknown way";
}

WorkerProcess::WorkerProcess(const std::filesystem::path& program, const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
                             const std::filesystem::path& log_file, const std::vector<int>& cores) {
  // Everything that allocates happens before the fork: the child calls async-signal-safe functions only.
  std::vector<std::string> argument_texts{program.string()};
  argument_texts.insert(argument_texts.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment_texts = merged_environment(environment);
  const std::vector<char*> argv = pointers(argument_texts), envp = pointers(environment_texts);
  const std::string program_text = program.string(), log_text = log_file.string();
  if (::access(program_text.c_str(), X_OK) != 0) throw Error(program_text + " cannot be run: " + ::strerror(errno), "build it: scripts/build temper_worker");

  const CoreSet core_set(cores);
  Pipe to_child, from_child;
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw Error(std::string("no process for a worker: ") + ::strerror(errno));
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);  // the parent died before the line above
    core_set.apply();
    ::dup2(to_child.read, STDIN_FILENO);
    ::dup2(from_child.write, STDOUT_FILENO);
    if (!log_text.empty()) {
      const int log = ::open(log_text.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
      if (log >= 0) ::dup2(log, STDERR_FILENO);
    }
    ::execve(program_text.c_str(), argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(to_child.read);
  ::close(from_child.write);
  input_ = to_child.write;
  output_ = from_child.read;
  ::fcntl(output_, F_SETFL, O_NONBLOCK);
}

WorkerProcess::~WorkerProcess() {
  if (end_.empty()) {
    kill();
    wait(0);
  }
  close_input();
  if (output_ >= 0) ::close(output_);
}

bool WorkerProcess::send(const Value& message) {
  if (input_ < 0) return false;
  const std::string line = to_json(message) + '\n';
  // A worker that died makes write() raise SIGPIPE, which would end this process: it is held back for the call.
  sigset_t pipe_signal, before;
  ::sigemptyset(&pipe_signal);
  ::sigaddset(&pipe_signal, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  std::size_t written = 0;
  bool good = true;
  while (good && written < line.size()) {
    const ssize_t count = ::write(input_, line.data() + written, line.size() - written);
    if (count >= 0) written += static_cast<std::size_t>(count);
    else if (errno != EINTR) good = false;
  }
  if (!good) {
    const timespec now{};
    while (::sigtimedwait(&pipe_signal, nullptr, &now) == -1 && errno == EINTR) {}
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return good;
}

std::optional<Value> WorkerProcess::next_line() {
  const std::size_t end = buffer_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  const std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  try {
    Value message = parse_json(line);
    if (message.is_table()) return message;
  } catch (const Error&) {
  }
  ended_ = true;  // not our protocol any more: nothing after this can be trusted
  buffer_.clear();
  return std::nullopt;
}

std::optional<Value> WorkerProcess::receive(double timeout_seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(timeout_seconds);
  while (!ended_) {
    if (auto message = next_line()) return message;
    if (ended_) break;
    const double left = std::chrono::duration<double>(deadline - std::chrono::steady_clock::now()).count();
    pollfd waiting{output_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, left > 0 ? static_cast<int>(left * 1000) + 1 : 0);
    if (ready < 0 && errno == EINTR) return std::nullopt;  // a signal: let the caller look
    if (ready == 0) return std::nullopt;
    char chunk[65536];
    const ssize_t count = ::read(output_, chunk, sizeof chunk);
    if (count > 0) buffer_.append(chunk, static_cast<std::size_t>(count));
    else if (count == 0 || (errno != EINTR && errno != EAGAIN)) ended_ = buffer_.find('\n') == std::string::npos;
    if (count == 0 && !ended_) continue;
  }
  return std::nullopt;
}

std::string WorkerProcess::wait(double patience_seconds) {
  if (!end_.empty()) return end_;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(patience_seconds);
  while (true) {
    const pid_t done = ::waitpid(pid_, &wait_status_, WNOHANG);
    if (done == pid_) return end_ = describe_exit(wait_status_);
    if (done < 0 && errno != EINTR) return end_ = "ended in an unknown way";
    if (std::chrono::steady_clock::now() >= deadline) kill();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

void WorkerProcess::close_input() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
}

void WorkerProcess::kill() { signal(SIGKILL); }

void WorkerProcess::signal(int number) {
  if (end_.empty() && pid_ > 0) ::kill(pid_, number);
}

std::int64_t WorkerProcess::resident_bytes() const {
  std::ifstream pages("/proc/" + std::to_string(pid_) + "/statm");  // proc(5): size resident shared ...
  std::int64_t size = 0, resident = 0;
  pages >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace temper::launch
