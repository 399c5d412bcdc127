// Built with another C++ ABI.
#include "bad_metric.h"

#undef TEMPER_CXX_ABI
#define TEMPER_CXX_ABI "gxx-abi=1002,libstdc++-cxx11=0"
TEMPER_PLUGIN(Metric, bad::CountsItems, temper::NoOptions, "wrong_abi", "From the past.")
