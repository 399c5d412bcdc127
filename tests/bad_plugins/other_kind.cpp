// Its manifest names a kind of plugin that this temper has never heard of: no fault, a kind is only a name.
#include "by_hand.h"

BAD_MANIFEST("oracle", "other_kind")
BAD_DESCRIPTOR(sizeof(temper::PluginDescriptor), temper::kDescriptorVersion, "oracle", "other_kind")
