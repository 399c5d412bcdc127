// The Porter stemmer that rouge_score uses: NLTK's, with its extensions to the algorithm of 1980.
#pragma once

#include <string>

namespace rouge {

// The stem of a word of lower-case letters (and digits). Porter, "An algorithm for suffix stripping" (1980); what NLTK adds:
// irregular forms, words of one or two letters kept, -ies and -ied of four-letter words to -ie, -y to -i behind a consonant only,
// -alli first and again, -bli, -fulli, -logi.
std::string stem(const std::string& word);

}  // namespace rouge
