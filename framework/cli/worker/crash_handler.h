// What a worker leaves behind when it dies: a backtrace, on standard error, which is its trial's log.
#pragma once

namespace temper::cli {

// From now on SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT and SIGSYS, the coordinator's request to end (launch/worker_death.h), and a call of exit write where
// they happened, in the form that launch/backtrace.h tells; the process then ends as it would have. To be called once, on the main thread, which gets a stack
// of its own for it: a stack that overflowed is told too.
void write_backtrace_on_death();

}  // namespace temper::cli
