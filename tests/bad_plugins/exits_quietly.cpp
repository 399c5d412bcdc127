// Ends the process in a static initialiser, as if all were well.
#include <unistd.h>

#include "bad_metric.h"

namespace {
[[maybe_unused]] const bool ended = (::_exit(0), true);
}  // namespace

TEMPER_PLUGIN(Metric, bad::CountsItems, temper::NoOptions, "exits_quietly", "Exits on loading.")
