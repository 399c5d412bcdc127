// The English words that bm25 leaves out: the 33 of Lucene's EnglishAnalyzer (ENGLISH_STOP_WORDS_SET), which bm25s takes as "english".
#pragma once

#include <array>
#include <string_view>

namespace temper::bm25 {

inline constexpr std::array<std::string_view, 33> kEnglishStopWords = {
    "a",  "an",  "and",  "are", "as",   "at",  "be",   "but",   "by",    "for",  "if",   "in", "into", "is",  "it",   "no",  "not",
    "of", "on",  "or",   "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with"};

}  // namespace temper::bm25
