// Nothing is wrong with this one: it must be usable beside all the others.
#include "bad_metric.h"

namespace {
struct Options {
  std::int64_t k = 10;
  void visit(temper::OptionVisitor& v) { v.option("k", k, "How many count.").at_least(1).in("items"); }
};
}  // namespace

TEMPER_CLAIMS("first-claim second/claim")
TEMPER_PLUGIN(Metric, bad::CountsItems, Options, "good", "Counts items.")
