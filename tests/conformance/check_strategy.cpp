// The strategy suite on a plugin that is loaded by its name.
#include <temper/testing/strategy.h>

#include <gtest/gtest.h>

#include "registry/registry.h"

namespace temper::testing {
namespace {

void add(const Failures& failures, const std::string& name) {
  for (const Failure& failure : failures) ADD_FAILURE() << "strategy \"" << name << "\", " << failure.check << ": " << failure.what;
}

}  // namespace

void check_strategy(const std::string& name, const Value& options) {
  add(strategy_failures([&] { return registry::installed().create<Strategy>(name, options); }), name);
}

void check_strategy_with_corpus(const std::string& name, const std::function<Value(const std::filesystem::path& corpus)>& options) {
  add(strategy_failures_with_corpus([&](const std::filesystem::path& corpus) { return registry::installed().create<Strategy>(name, options(corpus)); }), name);
}

}  // namespace temper::testing
