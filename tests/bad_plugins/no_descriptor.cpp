// Has a manifest, but not the symbol that makes the plugin.
#include "by_hand.h"

BAD_MANIFEST("metric", "no_descriptor")
