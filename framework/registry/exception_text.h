// What an exception says, in as many words as its reader needs.
#pragma once

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>

namespace temper::registry {

// what() without the list of C++ stack frames that torch puts behind its message.
inline std::string exception_text(const std::exception& error) {
  const std::string_view all = error.what();
  std::size_t end = all.size();
  for (const std::string_view trace : {"\nException raised from ", "\nframe #0:"}) end = std::min(end, all.find(trace));
  return std::string(all.substr(0, end));
}

}  // namespace temper::registry
