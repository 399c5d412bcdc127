// A text on its way through normalisers and pre-tokenizers, every byte of which knows the bytes of the source it came from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <temper/tokenizer.h>

#include "data/tokenizers/unicode.h"

namespace temper::data::tokenizers {

// As long as nothing changes it, it is a view of the source and costs nothing. The rules by which changed characters get their
// places are those of the library `tokenizers`: see Rewriter.
class AlignedText {
 public:
  AlignedText() = default;
  // `piece` is valid UTF-8 and begins at byte `base` of the source; it must outlive this object.
  AlignedText(std::string_view piece, std::uint32_t base) : view_(piece), base_(base) {}

  std::string_view text() const { return owned_ ? std::string_view(buffer_) : view_; }
  bool is_source() const { return !owned_; }
  std::uint32_t base() const { return base_; }  // meaningful while is_source()

  // Where one byte's character lies in the source.
  ByteRange place(std::uint32_t byte) const;
  // Where bytes [begin, end) came from: whole characters of the source. begin < end.
  ByteRange place(std::uint32_t begin, std::uint32_t end) const;
  // The part [begin, end), as a text of its own (a view when this one is).
  AlignedText part(std::uint32_t begin, std::uint32_t end) const;

  void prepend(std::string_view what);
  void append(const AlignedText& other);
  // Replaces [begin, end) ranges, in order and apart, by `content`, which takes the place of the last character replaced.
  void replace(const std::vector<ByteRange>& ranges, std::string_view content);
  // Replaces all of it by `text`, whose bytes come from `places`.
  void assign(std::string text, std::vector<ByteRange> places);
  // Keeps the characters for which `keep` holds.
  template <class Keep> void filter(const Keep& keep);
  // One character for another, in place.
  template <class Map> void map(const Map& map);

 private:
  friend class Rewriter;
  std::string_view view_;
  std::uint32_t base_ = 0;
  bool owned_ = false;
  std::string buffer_;
  std::vector<ByteRange> places_;  // one per byte of buffer_
};

// Builds the next state of a text, character by character. `change` tells how a character relates to the present text: 0 replaces
// one character, n > 0 is inserted (and takes the place of the character before the present position), -n replaces one and
// removes the n after it.
class Rewriter {
 public:
  // The first `skipped` characters of `from` are removed.
  explicit Rewriter(const AlignedText& from, std::size_t skipped = 0);
  void add(char32_t c, int change);
  // What was built becomes `text`, which is the text given to the constructor.
  void finish(AlignedText& text);

 private:
  std::uint32_t take();  // steps over one character of the present text
  const AlignedText& from_;
  std::string_view text_;
  std::uint32_t at_ = 0;
  std::string buffer_;
  std::vector<ByteRange> places_;
};

template <class Keep>
void AlignedText::filter(const Keep& keep) {
  std::size_t removed_first = 0;
  bool any = false;
  struct Kept { char32_t c; int removed_after; };
  std::vector<Kept> kept;
  const std::string_view now = text();
  for (const char *p = now.data(), *end = p + now.size(); p < end;) {
    const char32_t c = next_character(p);
    if (keep(c)) kept.push_back({c, 0});
    else if (kept.empty()) { ++removed_first; any = true; }
    else { ++kept.back().removed_after; any = true; }
  }
  if (!any) return;
  Rewriter rewriter(*this, removed_first);
  for (const Kept& k : kept) rewriter.add(k.c, -k.removed_after);
  rewriter.finish(*this);
}

template <class Map>
void AlignedText::map(const Map& map) {
  const std::string_view now = text();
  Rewriter rewriter(*this);
  bool any = false;
  for (const char *p = now.data(), *end = p + now.size(); p < end;) {
    const char32_t c = next_character(p);
    const char32_t mapped = map(c);
    any = any || mapped != c;
    rewriter.add(mapped, 0);
  }
  if (any) rewriter.finish(*this);
}

}  // namespace temper::data::tokenizers
