// Ctrl-C and SIGTERM as a number that long verbs look at.
#pragma once

#include <atomic>

namespace temper::cli {

// From now on SIGINT and SIGTERM do nothing but count: how often they came.
const std::atomic<int>& count_stop_signals();

}  // namespace temper::cli
