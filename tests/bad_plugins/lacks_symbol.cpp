// Calls a function that nothing defines.
#include "bad_metric.h"

namespace elsewhere {
double missing_function(int);
}

namespace {
class Lacking final : public bad::CountsItems {
 public:
  explicit Lacking(temper::NoOptions options) : CountsItems(options), value_(elsewhere::missing_function(1)) {}

 private:
  double value_;
};
}  // namespace

TEMPER_PLUGIN(Metric, Lacking, temper::NoOptions, "lacks_symbol", "Lacks a symbol.")
