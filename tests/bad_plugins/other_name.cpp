// Its manifest promises another plugin than its descriptor gives.
#include "by_hand.h"

BAD_MANIFEST("metric", "other_name")
BAD_DESCRIPTOR(sizeof(temper::PluginDescriptor), temper::kDescriptorVersion, "metric", "something_else")
