// Aborts in a static initialiser, after a word on stderr.
#include <cstdio>
#include <cstdlib>

#include "bad_metric.h"

namespace {
const bool crashed = [] {
  std::fputs("first words\n\nlast words\n", stderr);
  std::abort();
  return true;
}();
}  // namespace

TEMPER_PLUGIN(Metric, bad::CountsItems, temper::NoOptions, "crashes", "Crashes on loading.")
