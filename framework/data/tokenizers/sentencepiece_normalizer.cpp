// SentencePieceNormalizer: one pass from left to right.
#include "data/tokenizers/sentencepiece_normalizer.h"

namespace temper::data::tokenizers {

namespace {

constexpr std::string_view kMark = "\u2581", kReplacement = "\uFFFD";

}  // namespace

SentencePieceNormalizer::SentencePieceNormalizer(const SentencePieceNormalization& rules, std::shared_ptr<const ByteTrie> user_defined, bool whitespace_as_suffix)
    : map_(rules.character_map.empty() ? CharacterMap() : CharacterMap(rules.character_map)), user_defined_(std::move(user_defined)),
      add_dummy_prefix_(rules.add_dummy_prefix), remove_extra_whitespaces_(rules.remove_extra_whitespaces), whitespace_as_suffix_(whitespace_as_suffix),
      space_(rules.escape_whitespaces ? kMark : std::string_view(" ")) {}

SentencePieceNormalizer::Step SentencePieceNormalizer::step(std::string_view rest) const {
  if (user_defined_) {
    if (const std::size_t size = user_defined_->longest(rest)) return {rest.substr(0, size), size};
  }
  if (const CharacterMap::Match match = map_.longest(rest); match.size > 0) return {match.replacement, match.size};
  if (is_continuation(rest[0])) return {kReplacement, 1};  // a key ended within a character
  std::size_t size = 1;
  while (size < rest.size() && is_continuation(rest[size])) ++size;
  return {rest.substr(0, size), size};
}

void SentencePieceNormalizer::apply(AlignedText& text) const {
  const std::string_view source = text.text();
  std::size_t at = 0;
  if (remove_extra_whitespaces_) {
    while (at < source.size()) {
      const Step next = step(source.substr(at));
      if (next.text != " ") break;
      at += next.consumed;
    }
  }
  std::string result;
  std::vector<std::uint32_t> from;  // for every byte of `result`, the place in `source` of what it came from
  if (at < source.size()) {
    result.reserve(source.size() + source.size() / 2 + 8);
    from.reserve(result.capacity());
    const auto write = [&](std::string_view what) {
      result += what;
      from.insert(from.end(), what.size(), static_cast<std::uint32_t>(at));
    };
    if (!whitespace_as_suffix_ && add_dummy_prefix_) write(space_);
    bool after_space = remove_extra_whitespaces_;
    while (at < source.size()) {
      Step next = step(source.substr(at));
      while (after_space && next.text.starts_with(' ')) next.text.remove_prefix(1);
      if (!next.text.empty()) {
        for (const char& c : next.text) write(c == ' ' ? space_ : std::string_view(&c, 1));
        after_space = remove_extra_whitespaces_ && next.text.ends_with(' ');
      }
      at += next.consumed;
    }
    if (remove_extra_whitespaces_) {
      while (result.ends_with(space_)) {
        at = from[result.size() - space_.size()];
        result.resize(result.size() - space_.size());
        from.resize(result.size());
      }
    }
    if (whitespace_as_suffix_ && add_dummy_prefix_) write(space_);
  }
  from.push_back(static_cast<std::uint32_t>(at));

  const auto place = [&](std::uint32_t byte) {
    if (text.is_source()) return text.base() + byte;
    return byte < source.size() ? text.place(byte).begin : text.place(static_cast<std::uint32_t>(source.size()) - 1).end;
  };
  std::vector<ByteRange> places;
  places.reserve(result.size());
  for (std::size_t i = 0; i < result.size(); ++i) places.push_back({place(from[i]), place(from[i + 1])});
  text.assign(std::move(result), std::move(places));
}

}  // namespace temper::data::tokenizers
