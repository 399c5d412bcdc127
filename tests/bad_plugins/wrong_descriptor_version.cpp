// Its descriptor has a layout that this temper does not know.
#include "by_hand.h"

BAD_MANIFEST("metric", "wrong_descriptor_version")
BAD_DESCRIPTOR(sizeof(temper::PluginDescriptor), 99, "metric", "wrong_descriptor_version")
