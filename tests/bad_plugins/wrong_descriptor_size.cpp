// Its descriptor has another size than this temper's.
#include "by_hand.h"

BAD_MANIFEST("metric", "wrong_descriptor_size")
BAD_DESCRIPTOR(8, temper::kDescriptorVersion, "metric", "wrong_descriptor_size")
