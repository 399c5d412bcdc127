// Memory that one training step frees is what the next one needs.
#pragma once

namespace temper::nn {

// By default glibc gives blocks of more than a few MB back to the system as soon as they are freed, and every step then pays for fresh
// pages: a third of the time of a step of GPT-2 124M. After this call, freed memory stays with the process. For programs that train;
// call it before the first tensor is made.
void keep_freed_memory();

}  // namespace temper::nn
