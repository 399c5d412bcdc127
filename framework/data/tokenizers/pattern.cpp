// Patterns of tokenizer.json.
#include "data/tokenizers/pattern.h"

namespace temper::data::tokenizers {

Regex read_pattern(const JsonPlace& place) {
  const JsonObject object(place);
  const auto literal = object.optional_string("String");
  const auto expression = object.optional_string("Regex");
  object.finish();
  if (literal.has_value() == expression.has_value()) place.fail("a pattern is {\"String\": ...} or {\"Regex\": ...}");
  if (literal && literal->empty()) place.fail("the pattern is empty");
  try {
    return Regex(literal ? Regex::quoted(*literal) : *expression);
  } catch (const Error& error) {
    place.fail(error.what());
  }
}

}  // namespace temper::data::tokenizers
