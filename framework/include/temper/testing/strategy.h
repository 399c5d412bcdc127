// The promises of a strategy plugin, checked: one line in a plugin's own test.
//
//   TEST(Majority, KeepsTheStrategyContract) { temper::testing::check_strategy("majority"); }
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <temper/strategy.h>
#include <temper/testing/failure.h>
#include <temper/value.h>

namespace temper::testing {

// The checks, by the names that Failure::check carries, on a small classification task. The model that stands in learns, where the
// strategy trains it, which words go with which label, as well as its seed lets it; and it reads the blocks of a prompt: labels that
// are spelled there, most of all beside words of the item.
//   says_what_it_can            it can do one task at least, and says in words why it cannot do another
//   does_its_task               it throws no Error on an ordinary task
//   needs_stay                  needs() is the same before and after adaptation
//   trains_only_if_it_needs_to  run_training is called only by one that needs [training], and by every one that does
//   asks_only_a_model_it_needs  the model answers only for one that needs [model]
//   reads_only_a_prompt_it_needs  format(), embed() and answer(), which all spell items, are called only by one that needs [prompt]
//   prompts_fit_items           prepare gives one prompt per item, in their order, whatever items stand beside, and none for no items; its
//                               blocks have ids, each once in a prompt
//   prepares_from_train_only    no block holds a validation row or another item, and nothing that is saved holds an item that was predicted
//   answers_every_item          one prediction per item, in their order, with their ids; none for no items
//   answers_with_labels         each answer is one of the task's labels
//   probabilities_are_such      none, or one per label that sum to 1, the answer's the largest
//   answers_items_alone         an item's answer does not depend on the items beside it
//   repeats_itself              the same seed gives the same answers
//   uses_the_seed_it_needs      one that needs no seed answers alike under another
//   takes_one_label             a train split with a single label is answered with it
//   takes_a_single_row          a train split of one row is enough for an answer
//   takes_no_validation         so is an experiment without a validation split
//   takes_an_empty_retrieval    items that share nothing with the train split or the corpus, an empty one among them, are answered
//   takes_a_corpus_of_one       a corpus of one document is enough
//   reads_what_it_saved         save, then load by another one: the same answers
//   keeps_its_folder            saving and loading change nothing outside the folder
//   load_reads_no_paths         the same answers when the corpus is gone by the time another one is made and loads
// A check that needs an earlier one is left out when that one failed.
Failures strategy_failures(const std::function<std::unique_ptr<Strategy>()>& make);

// For strategies that read a corpus. The suite writes it, JSON lines {"id", "text"}, and tells the file.
Failures strategy_failures_with_corpus(const std::function<std::unique_ptr<Strategy>(const std::filesystem::path& corpus)>& make);

// Makes the plugin by its name, and turns each failure into a failure of the running test.
void check_strategy(const std::string& name, const Value& options = Value::Table());
void check_strategy_with_corpus(const std::string& name, const std::function<Value(const std::filesystem::path& corpus)>& options);

}  // namespace temper::testing
