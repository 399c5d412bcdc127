// Declares an option under the word that names the plugin.
#include "bad_metric.h"

namespace {
struct Options {
  std::string plugin;
  void visit(temper::OptionVisitor& v) { v.option("plugin", plugin, "Mine."); }
};
}  // namespace

TEMPER_PLUGIN(Metric, bad::CountsItems, Options, "reserved_option", "Takes the framework's word.")
