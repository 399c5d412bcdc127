// Signal handlers may call little (signal-safety(7)): what is written goes through write(2) and backtrace_symbols_fd(3), nothing is allocated.
#include "cli/worker/crash_handler.h"

#include <execinfo.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "launch/backtrace.h"
#include "launch/worker_death.h"

namespace temper::cli {

namespace {

constexpr int kMostFrames = 64;
constexpr unsigned kPatienceSeconds = 10;  // a lock that the broken thread holds may keep the names of frames from being found

void say(const char* text) {
  for (std::size_t left = ::strlen(text); left > 0;) {
    const ssize_t count = ::write(STDERR_FILENO, text, left);
    if (count <= 0) return;
    text += count;
    left -= static_cast<std::size_t>(count);
  }
}

void say_address(std::uintptr_t address) {
  char text[2 * sizeof address + 3] = "0x";
  int digits = 1;
  while (digits < static_cast<int>(2 * sizeof address) && address >> (4 * digits)) ++digits;
  for (int i = 0; i < digits; ++i) text[2 + i] = "0123456789abcdef"[(address >> (4 * (digits - 1 - i))) & 15];
  text[2 + digits] = '\0';
  say(text);
}

void begin(const char* what) {
  say("\n");
  say(launch::kBacktraceMark.data());  // a literal: it ends with a zero
  say(what);
}

// Without the `skipped` innermost frames, those of the handler itself.
[[gnu::always_inline]] inline void write_frames(int skipped) {
  void* frames[kMostFrames];
  const int count = ::backtrace(frames, kMostFrames);
  say("\n");
  if (count > skipped) ::backtrace_symbols_fd(frames + skipped, count - skipped, STDERR_FILENO);
}

// "SIGSEGV (Segmentation fault)", as launch::describe_exit has it. Both are tables' entries.
void say_name(int signal) {
  say("SIG");
  say(::sigabbrev_np(signal));
  say(" (");
  say(::sigdescr_np(signal));
  say(")");
}

std::uintptr_t stack_pointer(const void* context) {
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RSP]);
#elif defined(__aarch64__)
  return static_cast<std::uintptr_t>(static_cast<const ucontext_t*>(context)->uc_mcontext.sp);
#else
  return 0;
#endif
}

void say_address_of(const siginfo_t* info, const void* context) {
  if (info->si_signo != SIGSEGV && info->si_signo != SIGBUS) return;
  if (info->si_code == SI_USER || info->si_code == SI_TKILL) return say(", sent by a process");
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  const std::uintptr_t stack = stack_pointer(context);
  constexpr std::uintptr_t kNear = 64 << 10;  // a push or a call touches what is just below the stack
  if (stack != 0 && address + kNear > stack && address < stack + kNear) say(", the stack overflowed");
  else if (info->si_code == SI_KERNEL) say(", an address that cannot be");
  else {
    say(", address ");
    say_address(address);
  }
}

void on_crash(int signal, siginfo_t* info, void* context) {
  ::alarm(kPatienceSeconds);
  begin("");
  say_name(signal);
  say_address_of(info, context);
  write_frames(2);  // this function, and what the kernel returns to
  ::signal(signal, SIG_DFL);
  ::raise(signal);  // delivered when this function returns: the process ends as it would have
}

void on_end_request(int) {
  ::alarm(kPatienceSeconds);
  begin("where it stood");
  write_frames(2);
  ::kill(::getpid(), SIGKILL);
}

// Not called by _exit, which asks nobody.
void on_exit() {
  begin("a call of exit");
  write_frames(1);
}

void give_own_stack() {
  const std::size_t size = std::max<std::size_t>(256 << 10, static_cast<std::size_t>(std::max(0L, ::sysconf(_SC_SIGSTKSZ))));
  void* stack = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack == MAP_FAILED) return;
  stack_t alternate{};
  alternate.ss_sp = stack;
  alternate.ss_size = size;
  ::sigaltstack(&alternate, nullptr);
}

}  // namespace

void write_backtrace_on_death() {
  void* frame = nullptr;
  ::backtrace(&frame, 1);  // loads what the first call loads, while memory can be had
  give_own_stack();
  struct sigaction action {};
  action.sa_flags = SA_ONSTACK | SA_SIGINFO | SA_RESETHAND;
  action.sa_sigaction = on_crash;
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS}) ::sigaction(signal, &action, nullptr);
  action.sa_flags = SA_ONSTACK;
  action.sa_handler = on_end_request;
  ::sigaction(launch::kEndSignal, &action, nullptr);
  std::atexit(on_exit);
}

}  // namespace temper::cli
