// check_retriever: the suite of retrievers on an installed plugin.
#include <temper/testing/retriever.h>

#include <gtest/gtest.h>
#include <temper/error.h>

#include "registry/registry.h"

namespace temper::testing {

void check_retriever(const std::string& name, const Value& options) {
  const auto make = [&] { return registry::installed().create<Retriever>(name, options); };
  try {
    for (const Failure& failure : retriever_failures(make)) ADD_FAILURE() << name << " breaks " << failure.check << ": " << failure.what;
  } catch (const Error& error) {
    FAIL() << "the retriever " << name << " cannot be made, or throws on an ordinary corpus: " << error.what();
  }
}

}  // namespace temper::testing
