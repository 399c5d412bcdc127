// AlignedText and Rewriter: bytes with their places in the source.
#include "data/tokenizers/aligned_text.h"

namespace temper::data::tokenizers {

ByteRange AlignedText::place(std::uint32_t byte) const {
  if (owned_) return places_[byte];
  std::uint32_t begin = byte, end = byte + 1;
  while (begin > 0 && is_continuation(view_[begin])) --begin;
  while (end < view_.size() && is_continuation(view_[end])) ++end;
  return {base_ + begin, base_ + end};
}

ByteRange AlignedText::place(std::uint32_t begin, std::uint32_t end) const {
  if (owned_) return {places_[begin].begin, places_[end - 1].end};
  while (begin > 0 && is_continuation(view_[begin])) --begin;
  while (end < view_.size() && is_continuation(view_[end])) ++end;
  return {base_ + begin, base_ + end};
}

AlignedText AlignedText::part(std::uint32_t begin, std::uint32_t end) const {
  if (!owned_) return AlignedText(view_.substr(begin, end - begin), base_ + begin);
  AlignedText result;
  result.owned_ = true;
  result.buffer_ = buffer_.substr(begin, end - begin);
  result.places_.assign(places_.begin() + begin, places_.begin() + end);
  return result;
}

void AlignedText::prepend(std::string_view what) {
  const std::string_view now = text();
  if (now.empty()) return;
  const ByteRange first = place(0);
  std::string buffer(what);
  std::vector<ByteRange> places(what.size(), first);
  buffer += now;
  places.reserve(buffer.size());
  for (std::uint32_t i = 0; i < now.size(); ++i) places.push_back(place(i));
  buffer_ = std::move(buffer);
  places_ = std::move(places);
  owned_ = true;
}

void AlignedText::append(const AlignedText& other) {
  if (!owned_) {  // take possession of what is there
    for (std::uint32_t i = 0; i < view_.size(); ++i) places_.push_back(place(i));
    buffer_ = view_;
    owned_ = true;
  }
  const std::string_view more = other.text();
  buffer_ += more;
  for (std::uint32_t i = 0; i < more.size(); ++i) places_.push_back(other.place(i));
}

void AlignedText::assign(std::string text, std::vector<ByteRange> places) {
  buffer_ = std::move(text);
  places_ = std::move(places);
  owned_ = true;
}

void AlignedText::replace(const std::vector<ByteRange>& ranges, std::string_view content) {
  if (ranges.empty()) return;
  const std::string_view now = text();
  std::string buffer;
  std::vector<ByteRange> places;
  buffer.reserve(now.size() + ranges.size() * content.size());
  places.reserve(buffer.capacity());
  std::uint32_t done = 0;
  const auto keep_until = [&](std::uint32_t end) {
    buffer += now.substr(done, end - done);
    for (; done < end; ++done) places.push_back(place(done));
  };
  for (const ByteRange& range : ranges) {
    keep_until(range.begin);
    const ByteRange where = range.end > 0 ? place(range.end - 1) : ByteRange{0, 0};
    buffer += content;
    places.insert(places.end(), content.size(), where);
    done = range.end;
  }
  keep_until(static_cast<std::uint32_t>(now.size()));
  buffer_ = std::move(buffer);
  places_ = std::move(places);
  owned_ = true;
}

Rewriter::Rewriter(const AlignedText& from, std::size_t skipped) : from_(from), text_(from.text()) {
  buffer_.reserve(text_.size() + text_.size() / 8);
  places_.reserve(text_.size() + text_.size() / 8);
  for (std::size_t i = 0; i < skipped; ++i) at_ += take();
}

std::uint32_t Rewriter::take() {
  if (at_ >= text_.size()) return 0;
  std::uint32_t end = at_ + 1;
  while (end < text_.size() && is_continuation(text_[end])) ++end;
  return end - at_;
}

void Rewriter::add(char32_t c, int change) {
  ByteRange where;
  if (change > 0) {
    if (at_ > 0) where = from_.place(at_ - 1);
  } else {
    if (at_ < text_.size()) where = from_.place(at_);
    for (int i = 0; i <= -change; ++i) at_ += take();
  }
  append_utf8(c, buffer_);
  places_.insert(places_.end(), utf8_length(c), where);
}

void Rewriter::finish(AlignedText& text) {
  text.buffer_ = std::move(buffer_);
  text.places_ = std::move(places_);
  text.owned_ = true;
}

}  // namespace temper::data::tokenizers
