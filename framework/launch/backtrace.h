// The call stack that a dying worker leaves in its trial's log, for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace temper::launch {

// Begins the line before the frames: "temper-worker: backtrace of SIGSEGV (Segmentation fault), address 0x10". The frames are as
// backtrace_symbols_fd(3) writes them, "LIBRARY(SYMBOL+0x12)[0x7f0012345678]" or "LIBRARY(+0x1234)[0x7f0012345678]", the innermost first.
inline constexpr std::string_view kBacktraceMark = "temper-worker: backtrace of ";

// One line for each frame: "libfaulty.so: faulty::read(int)", out to where the trial begins. Names are demangled, addresses (which differ from run to run) left out, frames of
// one name counted ("... 40 times"), and of what is left then the `most` innermost lines kept. What has no exported name is looked up by addr2line, with file and line where there
// is debug information, if that is installed: it comes with every compiler. Lines that are no frames are left out.
std::string readable_backtrace(const std::vector<std::string>& frames, std::size_t most);

}  // namespace temper::launch
