// What of the processor decides which kernels run, and so which bits come out.
#pragma once

#include <string>

namespace temper::study {

std::string processor_name();    // empty where the system does not tell
std::string instruction_sets();  // those that kernels are chosen by: "avx2 avx512f avx512_bf16"; empty where there is none of them

}  // namespace temper::study
