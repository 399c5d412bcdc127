// An option that is a word, or a number for each of some names: `class_weights = { rare = 5 }`.
#pragma once

#include <map>
#include <string>

#include <temper/options.h>

namespace temper {

// Declared as v.option("class_weights", weights, "...").one_of({"none", "balanced"}).or_number = true; bounds hold for each number.
struct WordOrNumbers {
  std::string word;                       // empty where there are numbers
  std::map<std::string, double> numbers = {};
  bool operator==(const WordOrNumbers&) const = default;
};

Value to_value(const WordOrNumbers& field);
void from_value(const Value& value, WordOrNumbers& field);
template <> struct OptionTraits<WordOrNumbers> { static constexpr OptionType type = OptionType::kStringMap; static constexpr int depth = 0; };

}  // namespace temper
