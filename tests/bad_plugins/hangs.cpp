// Never comes back from a static initialiser.
#include <unistd.h>

#include "bad_metric.h"

namespace {
const bool awake = [] {
  while (true) ::pause();
  return true;
}();
}  // namespace

TEMPER_PLUGIN(Metric, bad::CountsItems, temper::NoOptions, "hangs", "Hangs on loading.")
