// The dataset suite on a plugin that is loaded by its name.
#include <temper/testing/dataset.h>

#include <gtest/gtest.h>

#include "registry/registry.h"

namespace temper::testing {

void check_dataset(const std::string& name, const Value& options, const Source& source) {
  for (const Failure& failure : dataset_failures(registry::installed().create<Dataset>(name, options), source))
    ADD_FAILURE() << "dataset \"" << name << "\", " << failure.check << ": " << failure.what;
}

}  // namespace temper::testing
