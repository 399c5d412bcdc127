// Equal inputs by hashes of their text, as it is and without what a copy may lose.
#include "data/leakage.h"

#include <xxhash.h>

#include <type_traits>
#include <unordered_map>

#include <temper/texts.h>

namespace temper::data {

namespace {

struct Key {
  std::uint64_t low = 0, high = 0;
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  std::size_t operator()(const Key& key) const { return static_cast<std::size_t>(key.low); }
};

Key key_of(const std::string& text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return {hash.low64, hash.high64};
}

void append(std::string& text, const FieldValue& value) {
  std::visit(
      [&](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::string>) text += held;
        else if constexpr (std::is_same_v<Held, std::vector<std::string>>) for (const std::string& token : held) text += token + ' ';
        else if constexpr (std::is_same_v<Held, std::vector<std::int64_t>>) for (const std::int64_t id : held) text += std::to_string(id) + ' ';
        else for (const Message& message : held) text += message.role + ": " + message.content + '\n';
      },
      value);
  text += '\n';
}

// Empty rows are alike, and none of them gives another one away.
bool is_nothing(const std::string& text) { return split_at_blanks(text).empty(); }

std::string answers(const Targets& targets) {
  std::string text;
  for (const Target& target : targets) text += to_string(target) + '\n';
  return text;
}

}  // namespace

std::string input_text(const Item& item) {
  std::string text;
  for (const char* name : {kTextField, kTextPairField, kTokensField, kQuestionField, kContextField, kInputIdsField}) {
    if (const FieldValue* value = item.fields.find(name)) append(text, *value);
  }
  if (text.empty())
    for (const auto& [name, value] : item.fields.all()) append(text, value);
  return text;
}

std::string normal_text(const std::string& text) {
  std::u32string kept;
  for (const char32_t c : to_characters(lower_case(text))) {
    if (is_blank(c)) {
      if (!kept.empty() && kept.back() != U' ') kept += U' ';
    } else if (!is_punctuation(c) && !is_symbol(c)) {
      kept += c;
    }
  }
  while (!kept.empty() && kept.back() == U' ') kept.pop_back();
  return kept.empty() ? text : to_bytes(kept);
}

SharedRows shared_rows(const Split& split, const Split& other) {
  std::unordered_map<Key, std::size_t, KeyHash> exact, normal;
  for (std::size_t row = 0; row < other.size(); ++row) {
    const std::string text = input_text(other.item(row));
    if (is_nothing(text)) continue;
    exact.emplace(key_of(text), row);
    normal.emplace(key_of(normal_text(text)), row);
  }
  SharedRows shared;
  for (std::size_t row = 0; row < split.size(); ++row) {
    const std::string text = input_text(split.item(row));
    if (is_nothing(text)) continue;
    auto found = exact.find(key_of(text));
    const bool is_exact = found != exact.end();
    if (!is_exact) {
      found = normal.find(key_of(normal_text(text)));
      if (found == normal.end()) continue;
    }
    shared.pairs.push_back({row, found->second, is_exact, answers(split.targets(row)) == answers(other.targets(found->second))});
  }
  return shared;
}

}  // namespace temper::data
