// Nothing is wrong with this one either: it holds another plugin.
#include <temper/registry.h>

#include "bad_metric.h"

namespace {
struct Options {
  temper::PluginChoice inner;
  void visit(temper::OptionVisitor& v) { v.plugin("inner", inner, "metric", "The metric inside."); }
};
}  // namespace

TEMPER_PLUGIN(Metric, bad::CountsItems, Options, "nested", "Holds a metric.")
