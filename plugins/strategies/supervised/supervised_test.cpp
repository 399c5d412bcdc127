// The plugin supervised: the contract of strategies, whatever it tunes.
#include <temper/testing/strategy.h>

#include <gtest/gtest.h>

namespace temper {
namespace {

TEST(Supervised, KeepsTheStrategyContract) { testing::check_strategy("supervised"); }

TEST(Supervised, KeepsTheContractWhenItTunesAPart) {
  for (const char* tune : {"head", "last_layers", "bitfit", "lora"}) testing::check_strategy("supervised", Value(Value::Table{{"tune", Value(tune)}}));
}

}  // namespace
}  // namespace temper
