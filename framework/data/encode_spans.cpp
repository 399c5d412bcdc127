// A question and its context, in windows where both together are too long; the answer as its first and last token.
//
// As transformers' question-answering examples do: the question is kept whole in each window, neighbouring windows share doc_stride
// tokens of the context, and a window that does not hold the whole answer points to its first token ([CLS]).
#include <algorithm>

#include <temper/error.h>

#include "data/encode_parts.h"
#include "data/task_encoders.h"

namespace temper::data {

namespace {

struct Pieces {
  std::vector<std::int32_t> ids;
  std::vector<ByteRange> places;
};

const std::string& text_field(const Item& item, const char* name) {
  const std::string* text = item.fields.text(name);
  if (!text) throw item_error(item, std::string("has no field \"") + name + "\"", "question answering reads \"question\" and \"context\"");
  return *text;
}

class SpansEncoder final : public ItemEncoder {
 public:
  explicit SpansEncoder(const EncoderSetup& setup) : tokenizer_(setup.tokenizer), settings_(setup.settings) {
    if (tokenizer_) frame_ = frame_of_pair(*tokenizer_);
  }

 private:
  EncodedItem encoded(const Item& item, const Targets* targets) const override {
    const Tokenizer& tokenizer = need_tokenizer(item, tokenizer_);
    const std::string& context_text = text_field(item, kContextField);
    std::vector<std::int32_t> question = plain_ids(tokenizer, text_field(item, kQuestionField));
    Pieces context;
    if (!context_text.empty()) {
      Encoding encoding = tokenizer.encode(context_text, {.add_special_tokens = false});
      context = {std::move(encoding.ids), std::move(encoding.offsets)};
    }
    check_vocabulary(item, question, settings_.vocabulary);
    check_vocabulary(item, context.ids, settings_.vocabulary);
    EncodedItem encoded;
    const std::size_t room = room_for_context(item, question, context.ids.size(), encoded);
    const std::optional<Span> answer = targets ? answer_of(item, *targets, context_text) : std::nullopt;
    const std::size_t stride = std::min(static_cast<std::size_t>(settings_.doc_stride), room - 1);
    for (std::size_t begin = 0, part = 0;; begin += room - stride, ++part) {
      const std::size_t end = std::min(begin + room, context.ids.size());
      add_window(item, question, context, begin, end, encoded);
      encoded.examples.back().key = part_key(item_key(item.id), part);
      if (targets) encoded.examples.back().labels = labels(encoded.readings.back().places, answer);
      if (end == context.ids.size()) return encoded;
    }
  }

  // Tokens of the context in a window. A question that leaves less than half of the window is cut.
  std::size_t room_for_context(const Item& item, std::vector<std::int32_t>& question, std::size_t context, EncodedItem& encoded) const {
    if (!settings_.max_length) return std::max<std::size_t>(context, 1);
    const std::int64_t room = *settings_.max_length - static_cast<std::int64_t>(frame_.size());
    if (room < 2) throw item_error(item, "has no room: max_length is " + std::to_string(*settings_.max_length) + ", and " + std::to_string(frame_.size()) + " are special tokens");
    const auto half = static_cast<std::size_t>(room / 2);
    if (question.size() > half && question.size() + context > static_cast<std::size_t>(room)) {
      encoded.dropped_tokens = static_cast<std::int64_t>(question.size() - half);
      question.resize(half);
    }
    return static_cast<std::size_t>(room) - question.size();
  }

  void add_window(const Item&, const std::vector<std::int32_t>& question, const Pieces& context, std::size_t begin, std::size_t end, EncodedItem& encoded) const {
    Example& example = encoded.examples.emplace_back();
    std::vector<ByteRange>& places = encoded.readings.emplace_back().places;
    const auto add = [&](const std::vector<std::int32_t>& ids) { example.ids.insert(example.ids.end(), ids.begin(), ids.end()); };
    add(frame_.before);
    add(question);
    add(frame_.between);
    places.resize(example.ids.size());
    example.ids.insert(example.ids.end(), context.ids.begin() + static_cast<std::ptrdiff_t>(begin), context.ids.begin() + static_cast<std::ptrdiff_t>(end));
    places.insert(places.end(), context.places.begin() + static_cast<std::ptrdiff_t>(begin), context.places.begin() + static_cast<std::ptrdiff_t>(end));
    const std::size_t first = example.ids.size() - (end - begin);
    add(frame_.after);
    places.resize(example.ids.size());
    if (example.ids.empty()) throw Error("a question and a context without any token cannot be read");
    if (frame_.second_type == 0) return;
    example.type_ids.assign(example.ids.size(), frame_.second_type);
    std::fill(example.type_ids.begin(), example.type_ids.begin() + static_cast<std::ptrdiff_t>(first), 0);
  }

  // The first of the answers; nothing where there is none.
  static std::optional<Span> answer_of(const Item& item, const Targets& targets, const std::string& context) {
    if (targets.empty()) throw item_error(item, "has no target, expected the spans of its answers");
    const Spans* spans = std::get_if<Spans>(&targets.front());
    if (!spans) throw item_error(item, "has a target that is no span");
    if (spans->spans.empty()) return std::nullopt;
    const Span& span = spans->spans.front();
    if (span.begin < 0 || span.end <= span.begin || span.end > static_cast<std::int64_t>(context.size()))
      throw item_error(item, "has an answer at bytes " + std::to_string(span.begin) + " to " + std::to_string(span.end) + " of a context of " + std::to_string(context.size()) + " bytes");
    return span;
  }

  // Of one window: the last token that begins at or before the answer's begin, the first that ends at or behind its end.
  static std::vector<std::int64_t> labels(const std::vector<ByteRange>& places, const std::optional<Span>& answer) {
    const std::vector<std::int64_t> none = {0, 0};
    if (!answer) return none;
    std::int64_t first = -1, last = -1;
    for (std::size_t t = 0; t < places.size(); ++t) {
      if (places[t].end == 0) continue;
      if (first < 0) first = static_cast<std::int64_t>(t);
      last = static_cast<std::int64_t>(t);
    }
    const auto begin = [&](std::int64_t t) { return static_cast<std::int64_t>(places[static_cast<std::size_t>(t)].begin); };
    const auto end = [&](std::int64_t t) { return static_cast<std::int64_t>(places[static_cast<std::size_t>(t)].end); };
    if (first < 0 || begin(first) > answer->begin || end(last) < answer->end) return none;
    std::int64_t start = first, stop = last;
    while (start < last && begin(start + 1) <= answer->begin) ++start;
    while (stop > first && end(stop - 1) >= answer->end) --stop;
    return {start, stop};
  }

  const Tokenizer* tokenizer_;
  EncodeSettings settings_;
  Frame frame_;
};

}  // namespace

std::unique_ptr<ItemEncoder> spans_encoder(const EncoderSetup& setup) { return std::make_unique<SpansEncoder>(setup); }

}  // namespace temper::data
