// The strategy suite on a plugin that is loaded by its name.
#include <temper/testing/strategy.h>

#include <gtest/gtest.h>

#include "registry/registry.h"

namespace temper::testing {

void check_strategy(const std::string& name, const Value& options) {
  for (const Failure& failure : strategy_failures([&] { return registry::installed().create<Strategy>(name, options); }))
    ADD_FAILURE() << "strategy \"" << name << "\", " << failure.check << ": " << failure.what;
}

}  // namespace temper::testing
