// Declares two options of one name, one of them as an alias.
#include "bad_metric.h"

namespace {
struct Options {
  std::int64_t k = 1, n = 1;
  void visit(temper::OptionVisitor& v) {
    v.option("k", k, "One.");
    v.option("n", n, "Another.").alias("k");
  }
};
}  // namespace

TEMPER_PLUGIN(Metric, bad::CountsItems, Options, "twice_declared", "Declares an option twice.")
