// Its constructor throws.
#include <stdexcept>

#include "bad_metric.h"

namespace {
struct Throwing final : bad::CountsItems {
  explicit Throwing(temper::NoOptions options) : CountsItems(options) { throw std::runtime_error("no luck today"); }
};
}  // namespace

TEMPER_PLUGIN(Metric, Throwing, temper::NoOptions, "throws_on_create", "Throws.")
