// Which plugins the coordinator must leave to a worker, those inside others included.
#include "registry/uses_torch.h"

#include <gtest/gtest.h>
#include <temper/error.h>

#include "registry/registry.h"

namespace temper::registry {
namespace {

Value with_retriever(const char* name) { return Value(Value::Table{{"retriever", Value(Value::Table{{"plugin", Value(name)}})}}); }

TEST(UsesTorch, IsToldByTheManifest) {
  EXPECT_FALSE(uses_torch(installed(), "retriever", "bm25", Value()));
  EXPECT_TRUE(uses_torch(installed(), "retriever", "dense", Value()));
}
TEST(UsesTorch, LooksAtPluginsInside) {
  EXPECT_FALSE(uses_torch(installed(), "strategy", "rag", Value(Value::Table()))) << "the default inside is bm25";
  EXPECT_FALSE(uses_torch(installed(), "strategy", "rag", with_retriever("bm25")));
  EXPECT_TRUE(uses_torch(installed(), "strategy", "rag", with_retriever("dense")));
  EXPECT_THROW(uses_torch(installed(), "strategy", "rag", with_retriever("bm24")), Error);
}

}  // namespace
}  // namespace temper::registry
