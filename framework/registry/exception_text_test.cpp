// Messages of exceptions, with and without torch's stack frames.
#include "registry/exception_text.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace temper::registry {
namespace {

TEST(ExceptionText, KeepsAMessageAsItIs) {
  EXPECT_EQ(exception_text(std::runtime_error("no luck\ntoday, frame #0: is not at a line's start")), "no luck\ntoday, frame #0: is not at a line's start");
}

TEST(ExceptionText, LeavesOutStackFrames) {
  EXPECT_EQ(exception_text(std::runtime_error("cannot allocate 3 bytes\nframe #0: c10::f(char const*) + 0x6a (0x7f in libc10.so)\nframe #1: main\n")), "cannot allocate 3 bytes");
  EXPECT_EQ(exception_text(std::runtime_error("a size is wrong\nException raised from f at x.cpp:1 (most recent call first):\nframe #0: g\n")), "a size is wrong");
}

}  // namespace
}  // namespace temper::registry
