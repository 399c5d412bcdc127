// Texts for language modelling: blocks of max_length tokens to train on, each text apart in windows to score.
//
// A text begins with a token from which its first one is predicted (bos, else eos), unless a masked model reads it. In a block texts
// stand side by side and do not see each other; a text that goes on in the next block (or window) takes its last token along, so that
// every token is predicted exactly once, with at least one before it.
#include <algorithm>

#include <temper/error.h>

#include "data/encode_pair.h"
#include "data/encode_parts.h"
#include "data/task_encoders.h"

namespace temper::data {

namespace {

class DocumentEncoder final : public ItemEncoder {
 public:
  explicit DocumentEncoder(const EncoderSetup& setup) : input_(setup.prompt.input), tokenizer_(setup.tokenizer), settings_(setup.settings) {
    if (!tokenizer_) return;
    frame_ = frame_of_text(*tokenizer_);
    if (const auto start = start_token(*tokenizer_); frame_.before.empty() && start && !settings_.masked && !is_concatenated()) frame_.before = {*start};
  }

  EncodedSplit encode(const Split& split, int threads) const override {
    EncodedSplit texts = ItemEncoder::encode(split, threads);
    if (settings_.purpose == EncodeFor::kAnswers || !settings_.max_length) return texts;
    return is_concatenated() ? cut(texts.examples) : fill(texts.examples);
  }

 private:
  bool is_concatenated() const { return settings_.purpose == EncodeFor::kTraining && settings_.packing == Packing::kConcatenated; }
  std::size_t limit() const { return settings_.max_length ? static_cast<std::size_t>(*settings_.max_length) : static_cast<std::size_t>(-1); }
  // Of a piece of a text: special tokens around it, which a masked model wants around each.
  std::size_t framed() const { return settings_.masked ? frame_.size() : 0; }

  // The whole text, or for answers its windows.
  EncodedItem encoded(const Item& item, const Targets*) const override {
    EncodeSettings uncut = settings_;
    uncut.max_length.reset();
    std::optional<EncodedItem> own = own_ids(item, uncut);
    std::vector<std::int32_t> ids = own ? std::move(own->examples.front().ids) : plain_ids(need_tokenizer(item, tokenizer_), input_.render(item));
    if (!own) check_vocabulary(item, ids, settings_.vocabulary);
    if (!own && (!settings_.masked || is_concatenated())) {
      ids.insert(ids.begin(), frame_.before.begin(), frame_.before.end());
      ids.insert(ids.end(), frame_.after.begin(), frame_.after.end());
    }
    EncodedItem encoded;
    if (settings_.purpose == EncodeFor::kTraining) {
      Example& example = encoded.examples.emplace_back();
      example.ids = std::move(ids);
      example.key = item_key(item.id);
      return encoded;
    }
    if (limit() < framed() + 2) throw item_error(item, "has no room: max_length is " + std::to_string(limit()));
    const std::size_t room = limit() - framed(), again = settings_.masked ? 0 : 1;
    for (std::size_t begin = 0, part = 0;; ++part) {
      const std::size_t end = std::min(begin + room, ids.size());
      // The last window reaches back as far as it can, so that its tokens see as much as those of the others.
      const std::size_t from = end == ids.size() ? ids.size() - std::min(room, ids.size()) : begin;
      Example& window = encoded.examples.emplace_back(piece(ids, from, end));
      window.key = part_key(item_key(item.id), part);
      const std::size_t first = settings_.masked ? frame_.before.size() : 0;
      for (std::size_t t = from; t < begin + again && t < end; ++t) window.labels[first + t - from] = kIgnored;
      if (window.ids.empty()) encoded.examples.pop_back();
      if (end == ids.size()) return encoded;
      begin = end - again;
    }
  }

  Example piece(const std::vector<std::int32_t>& ids, std::size_t begin, std::size_t end) const {
    Example example;
    const auto at = [&](std::size_t t) { return ids.begin() + static_cast<std::ptrdiff_t>(t); };
    if (settings_.masked) example.ids = frame_.before;
    example.labels.assign(example.ids.size(), kIgnored);
    example.ids.insert(example.ids.end(), at(begin), at(end));
    example.labels.insert(example.labels.end(), at(begin), at(end));
    if (settings_.masked) example.ids.insert(example.ids.end(), frame_.after.begin(), frame_.after.end());
    example.labels.resize(example.ids.size(), kIgnored);
    return example;
  }

  // Blocks that texts fill one after another.
  EncodedSplit fill(const std::vector<Example>& texts) const {
    const std::size_t block = limit(), again = settings_.masked ? 0 : 1, least = framed() + 2;
    if (block < least) throw Error("max_length is " + std::to_string(block) + ", a block needs at least " + std::to_string(least) + " tokens");
    EncodedSplit result;
    for (const Example& text : texts) {
      for (std::size_t begin = 0, part = 0; begin + again < text.ids.size(); ++part) {
        if (result.examples.empty() || block - result.examples.back().ids.size() < least) result.examples.emplace_back();
        Example& to = result.examples.back();
        const std::size_t end = std::min(text.ids.size(), begin + block - to.ids.size() - framed());
        const Example added = piece(text.ids, begin, end);
        const std::uint64_t key = part_key(text.key, part);
        if (to.parts.empty()) to.key = key;
        to.parts.push_back({static_cast<std::int32_t>(to.ids.size()), key});
        to.ids.insert(to.ids.end(), added.ids.begin(), added.ids.end());
        to.labels.insert(to.labels.end(), added.labels.begin(), added.labels.end());
        if (again) to.labels[static_cast<std::size_t>(to.parts.back().begin)] = kIgnored;  // nothing stands before it
        begin = end == text.ids.size() ? end : end - again;
      }
    }
    return result;
  }

  // One long text cut into blocks; what is left at its end is dropped.
  EncodedSplit cut(const std::vector<Example>& texts) const {
    std::vector<std::int32_t> all;
    for (const Example& text : texts) all.insert(all.end(), text.ids.begin(), text.ids.end());
    EncodedSplit result;
    std::size_t begin = 0;
    for (; begin + limit() <= all.size(); begin += limit()) {
      Example& example = result.examples.emplace_back();
      example.ids.assign(all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(begin + limit()));
      example.labels.assign(example.ids.begin(), example.ids.end());
      example.key = part_key(item_key("block"), result.examples.size());
      for (std::int64_t& label : example.labels) {
        if (settings_.masked && is_frame(label)) label = kIgnored;
      }
    }
    result.dropped_tokens = static_cast<std::int64_t>(all.size() - begin);
    result.truncated_items = result.dropped_tokens > 0 ? 1 : 0;
    return result;
  }

  bool is_frame(std::int64_t id) const {
    const auto holds = [&](const std::vector<std::int32_t>& ids) { return std::find(ids.begin(), ids.end(), id) != ids.end(); };
    return holds(frame_.before) || holds(frame_.after);
  }

  Template input_;
  const Tokenizer* tokenizer_;
  EncodeSettings settings_;
  Frame frame_;
};

}  // namespace

std::unique_ptr<ItemEncoder> document_encoder(const EncoderSetup& setup) { return std::make_unique<DocumentEncoder>(setup); }

}  // namespace temper::data
