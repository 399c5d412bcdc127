// The plugin domain_adaptive: the contract of strategies, alone and before the task, and what is wrong with a corpus.
#include <temper/testing/strategy.h>

#include <gtest/gtest.h>

#include "registry/registry.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

Value options(const std::filesystem::path& corpus, Value::Table more = {}) {
  Value all(std::move(more));
  all.set("corpus", corpus.string());
  return all;
}

TEST(DomainAdaptive, KeepsTheStrategyContractAloneAndBeforeTheTask) {
  const TemporaryFolder folder;
  const auto corpus = folder.write("texts.txt", "a fine day\n\na thin day\n\nthe best of days is fine\n");
  for (const char* then : {"none", "full", "lora"}) testing::check_strategy("domain_adaptive", options(corpus, {{"then", Value(then)}, {"documents", Value("paragraphs")}}));
}

TEST(DomainAdaptive, NeedsACorpus) {
  EXPECT_NE(message_of([] { registry::installed().create<Strategy>("domain_adaptive", Value(Value::Table{})); }).find("needs the option \"corpus\""), std::string::npos);
}

}  // namespace
}  // namespace temper
