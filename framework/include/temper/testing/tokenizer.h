// The promises of a tokenizer plugin, checked: one line in a plugin's own test.
//
//   TEST(ByteBpe, KeepsTheTokenizerContract) { temper::testing::check_tokenizer("byte_bpe", options); }
#pragma once

#include <string>
#include <vector>

#include <temper/testing/failure.h>
#include <temper/tokenizer.h>
#include <temper/value.h>

namespace temper::testing {

// The checks, by the names that Failure::check carries:
//   lists_are_parallel             offsets, type_ids and is_special have one entry per id
//   ids_are_in_the_vocabulary      0 <= id < vocabulary_size(), and no id of an encoding is a hole
//   offsets_lie_in_the_text        begin <= end <= size of the text, and never inside a character
//   offsets_do_not_go_back         tokens of the text come in its order
//   special_tokens_are_marked      added special tokens have is_special 1 and offsets [0, 0), and come only when asked for
//   encodes_the_same_again         the same text gives the same encoding, whatever was encoded before
//   encodes_from_many_threads      concurrent calls give what one thread gives
//   truncates_to_max_length        an encoding never exceeds max_length, keeps the text's first tokens, and counts what it drops
//   too_short_is_an_error          a max_length below the number of special tokens is an Error
//   pairs_hold_both_texts          encode_pair has the ids of both texts, in order, and offsets into each one's own text
//   accepts_any_bytes              invalid UTF-8, NUL, and an empty text are encoded; offsets stay inside the text
//   tokens_and_ids_agree           id_of(token_of(id)) is id for every id that is no hole
//   unknown_tokens_have_no_id      id_of of something that is no token is nothing
//   decodes_any_ids                decode takes ids outside of the vocabulary without harm and gives valid UTF-8
//   skips_special_tokens           decode without the special tokens is decode of the plain ids
//   special_ids_are_in_the_vocabulary
// A check that needs an earlier one is left out when that one failed.
Failures tokenizer_failures(const Tokenizer& tokenizer, const std::vector<std::string>& texts);
Failures tokenizer_failures(const Tokenizer& tokenizer);  // with texts of many scripts, spaces, controls and emoji

// Loads the plugin by its name with these options (a table), and turns each failure into a failure of the running test.
void check_tokenizer(const std::string& name, const Value& options);

}  // namespace temper::testing
