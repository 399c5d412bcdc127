// Has a default that its own bounds reject.
#include "bad_metric.h"

namespace {
struct Options {
  std::int64_t k = 0;
  void visit(temper::OptionVisitor& v) { v.option("k", k, "How many count.").at_least(1); }
};
}  // namespace

TEMPER_PLUGIN(Metric, bad::CountsItems, Options, "bad_default", "Rejects its own default.")
