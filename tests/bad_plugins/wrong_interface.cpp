// Built for an interface of metrics that this temper does not have.
#include "bad_metric.h"

#undef TEMPER_INTERFACE_Metric
#define TEMPER_INTERFACE_Metric 999
TEMPER_PLUGIN(Metric, bad::CountsItems, temper::NoOptions, "wrong_interface", "From the future.")
