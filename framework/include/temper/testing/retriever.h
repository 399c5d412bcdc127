// The promises of a retriever plugin, checked: one line in a plugin's own test.
//
//   TEST(Bm25, KeepsTheRetrieverContract) { temper::testing::check_retriever("bm25"); }
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <temper/retriever.h>
#include <temper/testing/failure.h>
#include <temper/value.h>

namespace temper::testing {

// The checks, by the names that Failure::check carries, on a small corpus of English sentences:
//   counts_every_passage         size() is 0 before, and the number of passages after, empty texts included
//   finds_each_passage           a passage's own text finds it first (the first of those with that text)
//   gives_at_most_k              never more than k, none for 0, and any k is taken
//   names_passages_once          places lie in the corpus, and none stands twice
//   ranks_by_score               scores are numbers and never rise
//   ties_keep_the_order          passages with the same text come with the same score, in the order of the corpus
//   longer_lists_begin_alike     the first k of a longer list are the shorter list
//   leaves_out_empty_texts       a passage without text is never found
//   finds_nothing_for_nothing    an empty query finds nothing
//   answers_alike                the same query gives the same hits at every call, whatever was asked between
//   is_thread_safe               and from several threads at once
//   takes_any_query              invalid UTF-8, NUL, very long ones: no exception
//   takes_small_corpora          a single passage; only an empty text; no passage at all
//   indexes_anew                 a second corpus replaces the first
//   reads_what_it_saved          save, then load by another one: the same size and hits
//   refuses_damage               a saved file that is missing, empty or cut short throws Error, or changes no hit
// A check that needs an earlier one is left out when that one failed.
Failures retriever_failures(const std::function<std::unique_ptr<Retriever>()>& make);

// Makes the plugin by its name, and turns each failure into a failure of the running test.
void check_retriever(const std::string& name, const Value& options = Value::Table());

}  // namespace temper::testing
