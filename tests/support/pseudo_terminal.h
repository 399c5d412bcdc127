// Runs a program on a terminal of its own, as a user does: forkpty(3), with keys to press and a window to resize.
#pragma once

#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "support/terminal_screen.h"

namespace temper::testing {

class PseudoTerminal {
 public:
  // `environment`: "NO_COLOR=1"; "NAME=" takes a variable away.
  PseudoTerminal(const std::vector<std::string>& words, const std::filesystem::path& folder, int width, int height = 24, const std::vector<std::string>& environment = {})
      : screen_(width) {
    winsize size{};
    size.ws_col = static_cast<unsigned short>(width);
    size.ws_row = static_cast<unsigned short>(height);
    pid_ = ::forkpty(&master_, nullptr, nullptr, &size);
    if (pid_ != 0) return;
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    ::setenv("TERM", "xterm-256color", 1);
    for (const char* name : {"NO_COLOR", "COLUMNS"}) ::unsetenv(name);
    for (const std::string& variable : environment) {
      const std::size_t equals = variable.find('=');
      ::setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
    }
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
  }
  ~PseudoTerminal() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    if (master_ >= 0) ::close(master_);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  // Reads until `what` holds of the screen; false at the program's end and after `seconds`.
  bool wait_for(const std::function<bool(const TerminalScreen&)>& what, double seconds = 60) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (!what(screen_)) {
      if (std::chrono::steady_clock::now() > deadline || !read()) return what(screen_);
    }
    return true;
  }
  bool wait_for(const std::string& text, double seconds = 60) {
    return wait_for([&](const TerminalScreen& screen) { return screen.text().find(text) != std::string::npos; }, seconds);
  }

  void press(const std::string& keys) { [[maybe_unused]] const ssize_t written = ::write(master_, keys.data(), keys.size()); }
  // The kernel tells the program (SIGWINCH).
  void resize(int width, int height = 24) {
    winsize size{};
    size.ws_col = static_cast<unsigned short>(width);
    size.ws_row = static_cast<unsigned short>(height);
    ::ioctl(master_, TIOCSWINSZ, &size);
    screen_.resize(width);
  }

  // Reads to the program's end: its exit status, 128 + signal when a signal ended it, -1 when it did not end in time.
  int finish(double seconds = 120) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < deadline && read()) {}
    int status = 0;
    while (::waitpid(pid_, &status, WNOHANG) != pid_) {
      if (std::chrono::steady_clock::now() > deadline) return -1;
      ::usleep(1000);
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  const TerminalScreen& screen() const { return screen_; }
  const std::string& bytes() const { return bytes_; }  // all that was written

 private:
  // False at the end.
  bool read() {
    pollfd output{master_, POLLIN, 0};
    if (::poll(&output, 1, 20) <= 0) return true;
    char chunk[65536];
    const ssize_t count = ::read(master_, chunk, sizeof chunk);
    if (count <= 0) return false;  // EIO: the other side is closed
    bytes_.append(chunk, static_cast<std::size_t>(count));
    screen_.write({chunk, static_cast<std::size_t>(count)});
    return true;
  }

  int master_ = -1;
  pid_t pid_ = -1;
  TerminalScreen screen_;
  std::string bytes_;
};

}  // namespace temper::testing
