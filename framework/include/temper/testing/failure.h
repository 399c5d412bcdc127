// What a conformance suite finds wrong with a plugin.
#pragma once

#include <string>
#include <vector>

namespace temper::testing {

struct Failure {
  std::string check;  // the name of the promise that was broken: "ids_are_unique"
  std::string what;   // what was found, and what was promised
};

using Failures = std::vector<Failure>;

// One line per failure, for messages; empty when there is none.
inline std::string describe(const Failures& failures) {
  std::string text;
  for (const Failure& failure : failures) text += failure.check + ": " + failure.what + "\n";
  return text;
}

}  // namespace temper::testing
