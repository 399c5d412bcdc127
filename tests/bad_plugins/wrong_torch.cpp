// Built for another libtorch.
#include "bad_metric.h"

#undef TEMPER_TORCH_VERSION
#define TEMPER_TORCH_VERSION "2.5.1"
TEMPER_PLUGIN(Metric, bad::CountsItems, temper::NoOptions, "wrong_torch", "From another wheel.")
