// See stop_signals.h.
#include "cli/stop_signals.h"

#include <signal.h>

namespace temper::cli {

namespace {

std::atomic<int> stops = 0;  // the handler can reach nothing else

void on_signal(int) { ++stops; }

}  // namespace

const std::atomic<int>& count_stop_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return stops;
}

}  // namespace temper::cli
