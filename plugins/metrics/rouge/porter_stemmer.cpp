// The steps of the Porter stemmer, as tables of endings.
#include "porter_stemmer.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

namespace rouge {
namespace {

using View = std::string_view;

// Which letters are consonants: y is one at the start and behind a vowel.
std::vector<bool> consonants(View word) {
  std::vector<bool> result;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == 'y') result.push_back(i == 0 || !result[i - 1]);
    else result.push_back(View("aeiou").find(word[i]) == View::npos);
  }
  return result;
}
bool is_consonant_at_end(View word) { return !word.empty() && consonants(word).back(); }
bool has_vowel(View word) {
  const auto flags = consonants(word);
  return std::ranges::find(flags, false) != flags.end();
}
// The measure m: how often a consonant follows a vowel.
int measure(View word) {
  const auto flags = consonants(word);
  int m = 0;
  for (std::size_t i = 1; i < flags.size(); ++i) m += flags[i] && !flags[i - 1];
  return m;
}
bool ends_double_consonant(View word) { return word.size() >= 2 && word.back() == word[word.size() - 2] && is_consonant_at_end(word); }
// *o: ends consonant, vowel, consonant but w, x, y; NLTK: or is vowel, consonant.
bool ends_short(View word) {
  const auto flags = consonants(word);
  const std::size_t n = word.size();
  if (n == 2) return !flags[0] && flags[1];
  return n >= 3 && flags[n - 3] && !flags[n - 2] && flags[n - 1] && View("wxy").find(word.back()) == View::npos;
}

struct Rule {
  View ending, replacement;
};

// The first ending that fits decides; the word changes where the measure of what is before it is above `least`.
template <std::size_t N>
std::string apply(const std::array<Rule, N>& rules, const std::string& word, int least) {
  for (const Rule& rule : rules) {
    if (!word.ends_with(rule.ending)) continue;
    const std::string before = word.substr(0, word.size() - rule.ending.size());
    // The l of -logi belongs to what is measured, so that geo- and theo- are long enough; -ion comes off behind s and t only.
    const int m = rule.ending == "logi" ? measure(before + "l") : measure(before);
    if (m <= least || (rule.ending == "ion" && !before.ends_with('s') && !before.ends_with('t'))) return word;
    return before + std::string(rule.replacement);
  }
  return word;
}

constexpr std::array<Rule, 22> kStep2 = {{{"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"}, {"izer", "ize"}, {"bli", "ble"}, {"alli", "al"},
                                          {"entli", "ent"}, {"eli", "e"}, {"ousli", "ous"}, {"ization", "ize"}, {"ation", "ate"}, {"ator", "ate"}, {"alism", "al"},
                                          {"iveness", "ive"}, {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"}, {"iviti", "ive"}, {"biliti", "ble"}, {"fulli", "ful"},
                                          {"logi", "log"}}};
constexpr std::array<Rule, 7> kStep3 = {{{"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"}, {"ical", "ic"}, {"ful", ""}, {"ness", ""}}};
constexpr std::array<Rule, 19> kStep4 = {{{"al", ""}, {"ance", ""}, {"ence", ""}, {"er", ""}, {"ic", ""}, {"able", ""}, {"ible", ""}, {"ant", ""}, {"ement", ""}, {"ment", ""},
                                          {"ent", ""}, {"ion", ""}, {"ou", ""}, {"ism", ""}, {"ate", ""}, {"iti", ""}, {"ous", ""}, {"ive", ""}, {"ize", ""}}};
constexpr std::array<std::pair<View, View>, 16> kIrregular = {{{"sky", "sky"}, {"skies", "sky"}, {"dying", "die"}, {"lying", "lie"}, {"tying", "tie"}, {"news", "news"},
                                                               {"innings", "inning"}, {"inning", "inning"}, {"outings", "outing"}, {"outing", "outing"},
                                                               {"cannings", "canning"}, {"canning", "canning"}, {"howe", "howe"}, {"proceed", "proceed"}, {"exceed", "exceed"},
                                                               {"succeed", "succeed"}}};

std::string cut(const std::string& word, std::size_t letters) { return word.substr(0, word.size() - letters); }

std::string plural(const std::string& word) {
  if (word.ends_with("ies")) return cut(word, word.size() == 4 ? 1 : 2);
  if (word.ends_with("sses")) return cut(word, 2);
  return word.ends_with('s') && !word.ends_with("ss") ? cut(word, 1) : word;
}

std::string past_and_participle(const std::string& word) {
  if (word.ends_with("ied")) return cut(word, word.size() == 4 ? 1 : 2);
  if (word.ends_with("eed")) return measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
  std::string rest;
  if (word.ends_with("ed") && has_vowel(cut(word, 2))) rest = cut(word, 2);
  else if (word.ends_with("ing") && has_vowel(cut(word, 3))) rest = cut(word, 3);
  else return word;
  if (rest.ends_with("at") || rest.ends_with("bl") || rest.ends_with("iz")) return rest + "e";
  if (ends_double_consonant(rest)) return View("lsz").find(rest.back()) == View::npos ? cut(rest, 1) : rest;
  return measure(rest) == 1 && ends_short(rest) ? rest + "e" : rest;
}

std::string step2(const std::string& word) {
  if (word.ends_with("alli") && measure(cut(word, 4)) > 0) return step2(cut(word, 2));
  return apply(kStep2, word, 0);
}

std::string without_e(const std::string& word) {
  if (!word.ends_with('e')) return word;
  const std::string rest = cut(word, 1);
  const int m = measure(rest);
  return m > 1 || (m == 1 && !ends_short(rest)) ? rest : word;
}

}  // namespace

std::string stem(const std::string& word) {
  for (const auto& [form, stem] : kIrregular) {
    if (form == word) return std::string(stem);
  }
  if (word.size() <= 2) return word;
  std::string result = past_and_participle(plural(word));
  if (result.size() > 2 && result.ends_with('y') && is_consonant_at_end(cut(result, 1))) result.back() = 'i';
  result = without_e(apply(kStep4, apply(kStep3, step2(result), 0), 1));
  return result.ends_with("ll") && measure(cut(result, 1)) > 1 ? cut(result, 1) : result;
}

}  // namespace rouge
