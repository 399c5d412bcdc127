// Memory that one training step frees is what the next one needs.
#include "nn/keep_memory.h"

#include <malloc.h>

namespace temper::nn {

void keep_freed_memory() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_MAX, 0);                     // large blocks come from the heap too
  mallopt(M_TRIM_THRESHOLD, 2'000'000'000);   // bytes free at its end before the heap shrinks
  mallopt(M_TOP_PAD, 64 * 1024 * 1024);
#endif
}

}  // namespace temper::nn
