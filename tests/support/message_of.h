// The words of the error that a call throws, for tests of wording.
#pragma once

#include <string>

#include <temper/error.h>

namespace temper::testing {

template <class Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace temper::testing
