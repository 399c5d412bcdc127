// The largest resident memory of this process since a point in time.
#pragma once

#include <cstdint>

namespace temper::study {

class PeakMemory {
 public:
  PeakMemory();                // begins anew where the system allows it (/proc/self/clear_refs), else counts from the start
  std::int64_t bytes() const;  // 0 where the system does not tell
};

}  // namespace temper::study
