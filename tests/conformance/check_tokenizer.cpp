// The tokenizer suite on a plugin that is loaded by its name.
#include <temper/testing/tokenizer.h>

#include <gtest/gtest.h>

#include "registry/registry.h"

namespace temper::testing {

void check_tokenizer(const std::string& name, const Value& options) {
  for (const Failure& failure : tokenizer_failures(*registry::installed().create<Tokenizer>(name, options)))
    ADD_FAILURE() << "tokenizer \"" << name << "\", " << failure.check << ": " << failure.what;
}

}  // namespace temper::testing
