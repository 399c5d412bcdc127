// One of two plugins that register the same name.
#include "bad_metric.h"

TEMPER_PLUGIN(Metric, bad::CountsItems, temper::NoOptions, "twin", "Twin two.")
