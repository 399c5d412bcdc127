// Its constructor throws what is no exception.
#include "bad_metric.h"

namespace {
struct Throwing final : bad::CountsItems {
  explicit Throwing(temper::NoOptions options) : CountsItems(options) { throw 42; }
};
}  // namespace

TEMPER_PLUGIN(Metric, Throwing, temper::NoOptions, "throws_a_number", "Throws a number.")
