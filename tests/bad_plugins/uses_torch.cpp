// Says that it uses the right libtorch: a program without torch must refuse it before it is loaded.
#include "bad_metric.h"

#undef TEMPER_TORCH_VERSION
#define TEMPER_TORCH_VERSION TEMPER_BUILD_TORCH_VERSION
TEMPER_PLUGIN(Metric, bad::CountsItems, temper::NoOptions, "uses_torch", "For the worker only.")
