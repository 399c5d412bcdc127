// The plugin majority: the contract of strategies, then what it does with a saved file that is damaged.
#include <temper/testing/strategy.h>

#include <gtest/gtest.h>

#include "registry/registry.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

TEST(Majority, KeepsTheStrategyContract) { testing::check_strategy("majority"); }

TEST(Majority, NamesASavedFileThatIsMissingOrDamaged) {
  const testing::TemporaryFolder folder;
  const auto majority = registry::installed().create<Strategy>("majority");
  EXPECT_NE(testing::message_of([&] { majority->load(folder.path()); }).find("majority.json cannot be read"), std::string::npos);
  folder.write("majority.json", "{\"share\": [1]}");
  EXPECT_NE(testing::message_of([&] { majority->load(folder.path()); }).find("has no \"shares\""), std::string::npos);
  folder.write("majority.json", "{\"shares\": [1");
  EXPECT_NE(testing::message_of([&] { majority->load(folder.path()); }).find("majority.json:1"), std::string::npos);
}

}  // namespace
}  // namespace temper
