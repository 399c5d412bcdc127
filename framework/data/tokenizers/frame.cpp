// All post-processors of tokenizer.json.
#include "data/tokenizers/frame.h"

#include "data/tokenizers/frame_builder.h"

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

FramePieces read_template(const JsonPlace& place, const std::map<std::string, std::vector<std::int32_t>>& specials) {
  FramePieces pieces;
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

std::map<std::string, std::vector<std::int32_t>> read_specials(const JsonObject& object) {
  std::map<std::string, std::vector<std::int32_t>> specials;
  if (!object.has("special_tokens")) return specials;
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
  return specials;
}

void read_into(FrameBuilder& frame, const JsonPlace& place) {
  if (place.is_null()) return;
  const JsonObject object(place);
  const std::string type = object.type();
  if (type == "Sequence") {
    for (const JsonPlace& part : object.at("processors").items()) read_into(frame, part);
  } else if (type == "ByteLevel") {
    object.ignore("use_regex");
    const bool trims = object.boolean_or("trim_offsets", true), space = object.boolean_or("add_prefix_space", true);
    if (trims) frame.trim({space});
  } else if (type == "BertProcessing") {
    const std::int32_t cls = read_token(object.at("cls"));
    frame.bert(cls, read_token(object.at("sep")));
  } else if (type == "RobertaProcessing") {
    const bool trims = object.boolean_or("trim_offsets", true), space = object.boolean_or("add_prefix_space", true);
    if (trims) frame.trim({space});
    const std::int32_t cls = read_token(object.at("cls"));
    frame.roberta(cls, read_token(object.at("sep")));
  } else if (type == "TemplateProcessing") {
    const auto specials = read_specials(object);
    const FramePieces single = read_template(object.at("single"), specials), pair = read_template(object.at("pair"), specials);
    if (!frame.use_template(single, pair)) object.fail("a template cannot follow one that makes more than two parts");
  } else {
    object.fail("the post-processor \"" + type + "\" is unknown", "known are BertProcessing, ByteLevel, RobertaProcessing, Sequence and TemplateProcessing");
  }
  object.finish();
}

}  // namespace

Frame read_frame(const JsonPlace& place) {
  FrameBuilder frame;
  read_into(frame, place);
  return std::move(frame).finish();
}

}  // namespace temper::data::tokenizers
