// FrameBuilder: what each post-processor does to the parts.
#include "data/tokenizers/frame_builder.h"

#include <algorithm>

namespace temper::data::tokenizers {

namespace {

using Kind = FramePiece::Kind;

std::int64_t count_specials(const FramePieces& pieces) {
  std::int64_t count = 0;
  for (const FramePiece& piece : pieces) count += static_cast<std::int64_t>(piece.ids.size());
  return count;
}

}  // namespace

Frame::Frame() {
  set({{Kind::kFirst, 0, {}}}, {{Kind::kFirst, 0, {}}, {Kind::kSecond, 1, {}, 1}});
}

void Frame::set(FramePieces single, FramePieces pair) {
  for (const bool is_pair : {false, true}) {
    const FramePieces& all = is_pair ? pair : single;
    FramePieces& plain = pieces_[place(is_pair, false)];
    plain.clear();
    for (const FramePiece& piece : all) {
      if (piece.kind != Kind::kSpecial) plain.push_back(piece);
    }
    pieces_[place(is_pair, true)] = all;
    added_[is_pair] = count_specials(all);
  }
}

FrameBuilder::FrameBuilder() {
  for (std::size_t i = 0; i < 4; ++i) {
    for (const FramePiece& piece : frame_.pieces_[i]) parts_[i].push_back({piece});
  }
}

template <class Change>
void FrameBuilder::for_each(const Change& change) {
  for (std::size_t i = 0; i < 4; ++i) change(parts_[i], i % 2 == 1);
}

void FrameBuilder::bert(std::int32_t cls, std::int32_t sep) {
  for_each([&](Parts& parts, bool with_specials) {
    for (std::size_t i = 0; with_specials && i < parts.size(); ++i) {
      if (i == 0) parts[i].insert(parts[i].begin(), FramePiece{Kind::kSpecial, 0, {cls}});
      parts[i].push_back({Kind::kSpecial, i == 0 ? 0 : 1, {sep}});
    }
  });
  frame_.added_[0] += 2;
  frame_.added_[1] += 3;
}

void FrameBuilder::roberta(std::int32_t cls, std::int32_t sep) {
  for_each([&](Parts& parts, bool with_specials) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      for (FramePiece& piece : parts[i]) piece.type_id = 0;
      if (!with_specials) continue;
      for (FramePiece& piece : parts[i]) piece.window_type_id = 0;
      parts[i].insert(parts[i].begin(), FramePiece{Kind::kSpecial, 0, {i == 0 ? cls : sep}});
      parts[i].push_back({Kind::kSpecial, 0, {sep}});
    }
  });
  frame_.added_[0] += 2;
  frame_.added_[1] += 4;
}

bool FrameBuilder::use_template(const FramePieces& single, const FramePieces& pair) {
  bool fits = true;
  for_each([&](Parts& parts, bool with_specials) {
    fits = fits && (parts.size() == 1 || parts.size() == 2);
    if (!fits) return;
    Parts result;
    for (const FramePiece& piece : parts.size() == 1 ? single : pair) {
      if (piece.kind == Kind::kSpecial) {
        if (with_specials) result.push_back({piece});
        continue;
      }
      const std::size_t which = piece.kind == Kind::kFirst ? 0 : 1;
      if (which >= parts.size()) continue;
      result.push_back(parts[which]);
      for (FramePiece& inner : result.back()) inner.type_id = piece.type_id;
    }
    parts = std::move(result);
  });
  frame_.added_[0] += count_specials(single);
  frame_.added_[1] += count_specials(pair);
  return fits;
}

Frame FrameBuilder::finish() && {
  for (std::size_t i = 0; i < 4; ++i) {
    frame_.pieces_[i].clear();
    for (const FramePieces& part : parts_[i]) frame_.pieces_[i].insert(frame_.pieces_[i].end(), part.begin(), part.end());
  }
  return std::move(frame_);
}

Frame bert_frame(std::int32_t cls, std::int32_t sep) {
  FrameBuilder builder;
  builder.bert(cls, sep);
  return std::move(builder).finish();
}

Frame roberta_frame(std::int32_t cls, std::int32_t sep) {
  FrameBuilder builder;
  builder.roberta(cls, sep);
  return std::move(builder).finish();
}

}  // namespace temper::data::tokenizers
