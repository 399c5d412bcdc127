// The promises of a strategy plugin, checked: one line in a plugin's own test.
//
//   TEST(Majority, KeepsTheStrategyContract) { temper::testing::check_strategy("majority"); }
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <temper/strategy.h>
#include <temper/testing/failure.h>
#include <temper/value.h>

namespace temper::testing {

// The checks, by the names that Failure::check carries, on a small classification task. Where the strategy trains, a model stands in
// that learns which words go with which label, as well as its seed lets it.
//   says_what_it_can            it can do one task at least, and says in words why it cannot do another
//   needs_stay                  needs() is the same before and after adaptation
//   trains_only_if_it_needs_to  run_training is called only by one that needs [training], and by every one that does
//   asks_only_a_model_it_needs  the model answers only for one that needs [model]
//   answers_every_item          one prediction per item, in their order, with their ids; none for no items
//   answers_with_labels         each answer is one of the task's labels
//   probabilities_are_such      none, or one per label that sum to 1, the answer's the largest
//   answers_items_alone         an item's answer does not depend on the items beside it
//   repeats_itself              the same seed gives the same answers
//   uses_the_seed_it_needs      one that needs no seed answers alike under another
//   takes_one_label             a train split with a single label is answered with it
//   reads_what_it_saved         save, then load by another one: the same answers
// A check that needs an earlier one is left out when that one failed.
Failures strategy_failures(const std::function<std::unique_ptr<Strategy>()>& make);

// Makes the plugin by its name, and turns each failure into a failure of the running test.
void check_strategy(const std::string& name, const Value& options = Value::Table());

}  // namespace temper::testing
