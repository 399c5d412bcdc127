// All post-processors of tokenizer.json.
#include "data/tokenizers/frame.h"

#include <map>

namespace temper::data::tokenizers {

namespace {

using Kind = FramePiece::Kind;

// ["[SEP]", 3]
std::int32_t read_token(const JsonPlace& place) {
  const std::vector<JsonPlace> parts = place.items();
  if (parts.size() != 2) place.fail("a token and its id are wanted here");
  const std::int64_t id = parts[1].integer();
  if (id < 0 || id >= Vocabulary::kMostIds) parts[1].fail("the id is out of range");
  return static_cast<std::int32_t>(id);
}

std::vector<FramePiece> read_template(const JsonPlace& place, const std::map<std::string, std::vector<std::int32_t>>& specials) {
  std::vector<FramePiece> pieces;
  for (const JsonPlace& item : place.items()) {
    const JsonObject object(item);
    FramePiece piece;
    const bool is_sequence = object.has("Sequence");
    const JsonObject inner(object.at(is_sequence ? "Sequence" : "SpecialToken"));
    const std::string id = inner.string("id");
    piece.type_id = static_cast<std::int32_t>(inner.integer("type_id"));
    if (is_sequence) {
      if (id != "A" && id != "B") inner.fail("the sequence \"" + id + "\" is neither A nor B");
      piece.kind = id == "A" ? Kind::kFirst : Kind::kSecond;
    } else {
      const auto found = specials.find(id);
      if (found == specials.end()) inner.fail("the special token \"" + id + "\" is not among special_tokens");
      piece.kind = Kind::kSpecial;
      piece.ids = found->second;
    }
    inner.finish();
    object.finish();
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

void read_into(Frame& frame, bool& has_template, const JsonPlace& place) {
  if (place.is_null()) return;
  const JsonObject object(place);
  const std::string type = object.type();
  if (type == "Sequence") {
    for (const JsonPlace& part : object.at("processors").items()) read_into(frame, has_template, part);
    object.finish();
    return;
  }
  if (type == "ByteLevel") {
    object.ignore("use_regex");
    const bool trims = object.boolean_or("trim_offsets", true);
    const bool space = object.boolean_or("add_prefix_space", true);
    if (trims) {
      frame.trims_offsets = true;
      frame.keeps_prefix_space = space;
    }
    object.finish();
    return;
  }
  if (has_template) object.fail("a second post-processor that adds tokens cannot be told apart from the first");
  has_template = true;
  if (type == "BertProcessing") {
    const Frame made = bert_frame(read_token(object.at("cls")), read_token(object.at("sep")));
    frame.single = made.single;
    frame.pair = made.pair;
  } else if (type == "RobertaProcessing") {
    const Frame made = roberta_frame(read_token(object.at("cls")), read_token(object.at("sep")));
    frame.single = made.single;
    frame.pair = made.pair;
    frame.trims_offsets = object.boolean_or("trim_offsets", true) || frame.trims_offsets;
    frame.keeps_prefix_space = object.boolean_or("add_prefix_space", true);
  } else if (type == "TemplateProcessing") {
    std::map<std::string, std::vector<std::int32_t>> specials;
    if (object.has("special_tokens")) {
      for (const auto& [name, value] : JsonObject(object.at("special_tokens")).members()) {
        const JsonObject special(value);
        special.ignore("id");
        special.ignore("tokens");
        for (const JsonPlace& id : special.at("ids").items()) {
          const std::int64_t number = id.integer();
          if (number < 0 || number >= Vocabulary::kMostIds) id.fail("the id is out of range");
          specials[name].push_back(static_cast<std::int32_t>(number));
        }
        special.finish();
      }
    }
    frame.single = read_template(object.at("single"), specials);
    frame.pair = read_template(object.at("pair"), specials);
  } else {
    object.fail("the post-processor \"" + type + "\" is unknown", "known are BertProcessing, ByteLevel, RobertaProcessing, Sequence and TemplateProcessing");
  }
  object.finish();
}

}  // namespace

std::int64_t Frame::added_tokens(bool is_pair) const {
  std::int64_t count = 0;
  for (const FramePiece& piece : is_pair ? pair : single) count += static_cast<std::int64_t>(piece.ids.size());
  return count;
}

Frame read_frame(const JsonPlace& place) {
  Frame frame;
  bool has_template = false;
  read_into(frame, has_template, place);
  return frame;
}

Frame bert_frame(std::int32_t cls, std::int32_t sep) {
  Frame frame;
  frame.single = {{Kind::kSpecial, 0, {cls}}, {Kind::kFirst, 0, {}}, {Kind::kSpecial, 0, {sep}}};
  frame.pair = frame.single;
  frame.pair.push_back({Kind::kSecond, 1, {}});
  frame.pair.push_back({Kind::kSpecial, 1, {sep}});
  return frame;
}

Frame roberta_frame(std::int32_t cls, std::int32_t sep) {
  Frame frame;
  frame.single = {{Kind::kSpecial, 0, {cls}}, {Kind::kFirst, 0, {}}, {Kind::kSpecial, 0, {sep}}};
  frame.pair = frame.single;
  frame.pair.push_back({Kind::kSpecial, 0, {sep}});
  frame.pair.push_back({Kind::kSecond, 0, {}});
  frame.pair.push_back({Kind::kSpecial, 0, {sep}});
  return frame;
}

}  // namespace temper::data::tokenizers
