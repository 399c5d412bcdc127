// TokenizerPipeline: a text's way through the parts, and back.
#include <temper/tokenizer_pipeline.h>

#include <temper/error.h>
#include <temper/utf8.h>

#include "data/tokenizers/tokenizer_parts.h"
#include "data/tokenizers/unicode.h"

#include <algorithm>
#include <limits>

namespace temper {

using namespace data::tokenizers;

class TokenizerPipeline::Parts : public TokenizerParts {
 public:
  struct Tokenized;
  explicit Parts(TokenizerParts parts) : TokenizerParts(std::move(parts)) {}

  // Tokens, and if offsets are trimmed how many spaces each has at its ends: as written in the vocabulary, or as it was matched.
  struct Spaces { std::size_t leading, trailing; };
  struct Found {
    std::vector<Token> tokens;
    std::vector<Spaces> spaces;
  };
  // Of one text, with places in `text`, which is valid UTF-8.
  Found tokens_of(std::string_view text) const;
  // A text, or a pair, and where stored limits hold what they cut off, window by window; not padded.
  std::vector<Encoding> encode(const TextPair& texts, const EncodeOptions& options, bool with_windows) const;
  void pad(std::vector<std::vector<Encoding>>& batch) const;

 private:
  void add_piece(const AlignedText& piece, Found& out) const;
  void add_words(AlignedText text, Found& found) const;
  void add_match(std::int32_t id, ByteRange place, std::string_view matched, Found& out) const;
  static Token trimmed(Token token, Spaces spaces, const OffsetTrim& pass, bool is_first, std::string_view text);
  void append(Encoding& encoding, const Tokenized& text, std::size_t window, std::int32_t type_id) const;
  static Spaces spaces_of(std::string_view token);
};

namespace {

TokenizerParts read_parts(const std::filesystem::path& path, const std::vector<std::string>& formats) {
  const TokenizerFiles files = find_tokenizer_files(path);
  if (files.format.empty())
    throw Error(path.string() + ": there is no tokenizer here", "wanted is tokenizer.json, tokenizer.model, vocab.json with merges.txt, encoder.json with vocab.bpe, or vocab.txt");
  if (std::find(formats.begin(), formats.end(), files.format) == formats.end()) {
    std::string wanted;
    for (const std::string& format : formats) wanted += (wanted.empty() ? "" : ", ") + format;
    throw Error(files.main.string() + ": this is a tokenizer of the format " + files.format + ", this plugin reads " + wanted);
  }
  if (files.format.starts_with("tokenizer.json/")) return read_tokenizer_json(files);
  if (files.format == "tokenizer.model") return read_tokenizer_model(files);
  if (files.format == "vocab.txt") return read_vocab_txt(files);
  return read_vocab_and_merges(files);
}

// A source text, repaired where it is not UTF-8.
struct Source {
  explicit Source(std::string_view given) : text(given), bytes(given.size()) {
    if (given.size() > std::numeric_limits<std::uint32_t>::max() / 4) throw Error("a text of " + std::to_string(given.size()) + " bytes is too long, at most 1 GiB is read at once");
    if (valid_utf8_prefix(given) == given.size()) return;
    repaired = sanitise(given);
    text = repaired.text;
  }
  ByteRange place(std::uint32_t begin, std::uint32_t end) const {
    if (repaired.begin.empty()) return {begin, end};
    const std::uint32_t first = begin < repaired.begin.size() ? repaired.begin[begin] : static_cast<std::uint32_t>(bytes);
    return {first, end > begin ? repaired.end[end - 1] : first};
  }
  std::string_view text;
  std::size_t bytes;
  Sanitised repaired;
};

using Choice = std::vector<std::size_t>;  // of a window, for every piece of a frame that is a text
constexpr std::size_t kMostWindows = 1 << 16;

// All choices, in the order in which the library merges encodings: first what is kept, then each window so far with each of the
// next text, then what is kept so far with each of its other windows.
std::vector<Choice> choices(const std::vector<std::size_t>& windows_of_pieces) {
  Choice kept;
  std::vector<Choice> others;
  for (const std::size_t windows : windows_of_pieces) {
    if ((others.size() + 1) * windows > kMostWindows) throw Error("the texts overflow into more than " + std::to_string(kMostWindows) + " pairs of windows", "raise max_length, or truncate one of them only");
    std::vector<Choice> next;
    const auto add = [&](Choice choice, std::size_t window) {
      choice.push_back(window);
      next.push_back(std::move(choice));
    };
    for (const Choice& other : others) {
      for (std::size_t window = 0; window < windows; ++window) add(other, window);
    }
    for (std::size_t window = 1; window < windows; ++window) add(kept, window);
    kept.push_back(0);
    others = std::move(next);
  }
  others.insert(others.begin(), kept);
  return others;
}

// Characters at the ends of a token that trimming takes for spaces.
bool is_trimmed(char32_t c) { return c == 0x120 || is_white_space(c); }

}  // namespace

// A source with its tokens, and what truncation leaves of them.
struct TokenizerPipeline::Parts::Tokenized {
  explicit Tokenized(std::string_view text) : source(text) {}
  Source source;
  Found found;
  Windows windows;
};

void TokenizerPipeline::Parts::add_words(AlignedText text, Found& found) const {
  if (text.text().empty()) return;
  std::vector<Token>& out = found.tokens;
  Words words(std::move(text));
  for (const auto& step : pre_tokenizers) step->apply(words);
  const std::size_t before = out.size();
  model->tokenize(words, out);
  // Fallback to the bytes of a suffix that is not in the text can count beyond it.
  const std::uint32_t size = static_cast<std::uint32_t>(words.text.text().size());
  for (std::size_t i = before; i < out.size(); ++i) {
    if (!frame.trims().empty()) {
      const bool shows_text = model->unknown_shows_text() && out[i].id == model->vocabulary().id(model->unknown_token());
      found.spaces.push_back(spaces_of(shows_text ? words.piece({out[i].begin, out[i].end}) : model->vocabulary().token(out[i].id)));
    }
    const std::uint32_t begin = std::min(out[i].begin, size - 1);
    if (out[i].end == out[i].begin) {  // a token that stands for no text of its own
      out[i].begin = out[i].end = words.text.place(begin, begin + 1).begin;
      continue;
    }
    const ByteRange place = words.text.place(begin, std::clamp(out[i].end, begin + 1, size));
    out[i].begin = place.begin;
    out[i].end = place.end;
  }
}

void TokenizerPipeline::Parts::add_match(std::int32_t id, ByteRange place, std::string_view matched, Found& out) const {
  out.tokens.push_back({id, place.begin, place.end, true});
  if (!frame.trims().empty()) out.spaces.push_back(spaces_of(matched));
}

void TokenizerPipeline::Parts::add_piece(const AlignedText& given, Found& out) const {
  AlignedText piece = given;
  if (normalizer) normalizer->apply(piece);
  if (!added.has_normalized()) return add_words(std::move(piece), out);
  std::uint32_t done = 0;
  for (const AddedTokens::Match& match : added.find_normalized(piece.text())) {
    if (match.begin > done) add_words(piece.part(done, match.begin), out);
    add_match(match.id, piece.place(match.begin, match.end), piece.text().substr(match.begin, match.end - match.begin), out);
    done = match.end;
  }
  if (done < piece.text().size()) add_words(piece.part(done, static_cast<std::uint32_t>(piece.text().size())), out);
}

TokenizerPipeline::Parts::Found TokenizerPipeline::Parts::tokens_of(std::string_view text) const {
  Found out;
  out.tokens.reserve(text.size() / 3 + 4);
  std::uint32_t done = 0;
  for (const AddedTokens::Match& match : added.find_raw(text)) {
    if (match.begin > done) add_piece(AlignedText(text.substr(done, match.begin - done), done), out);
    add_match(match.id, {match.begin, match.end}, text.substr(match.begin, match.end - match.begin), out);
    done = match.end;
  }
  if (done < text.size()) add_piece(AlignedText(text.substr(done), done), out);
  return out;
}

TokenizerPipeline::Parts::Spaces TokenizerPipeline::Parts::spaces_of(std::string_view token) {
  const std::u32string written = to_utf32(token);
  Spaces spaces{0, 0};
  while (spaces.leading < written.size() && is_trimmed(written[spaces.leading])) ++spaces.leading;
  while (spaces.trailing < written.size() && is_trimmed(written[written.size() - 1 - spaces.trailing])) ++spaces.trailing;
  return spaces;
}

// Leading and trailing spaces of a token do not count as its text; they are taken from the source character by character.
Token TokenizerPipeline::Parts::trimmed(Token token, Spaces spaces, const OffsetTrim& pass, bool is_first, std::string_view text) {
  if (spaces.leading == 1 && pass.keeps_prefix_space && (is_first || token.begin == 0)) spaces.leading = 0;  // more than one were not put there
  for (; spaces.leading > 0 && token.begin < token.end; --spaces.leading) {
    ++token.begin;
    while (token.begin < token.end && is_continuation(text[token.begin])) ++token.begin;
  }
  // Characters that the model dropped make later tokens cover others; with fewer than its spaces before its end it is left alone.
  if (token.end < 4 * spaces.trailing && count_characters(text.substr(0, token.end)) < spaces.trailing) return token;
  for (; spaces.trailing > 0 && token.end > token.begin; --spaces.trailing) {
    --token.end;
    while (token.end > token.begin && is_continuation(text[token.end])) --token.end;
  }
  return token;
}

void TokenizerPipeline::Parts::append(Encoding& encoding, const Tokenized& text, std::size_t window, std::int32_t type_id) const {
  const auto [begin, end] = text.windows[window];
  for (std::size_t i = begin; i < end; ++i) {
    Token token = text.found.tokens[i];
    for (const OffsetTrim& pass : frame.trims()) token = trimmed(token, text.found.spaces[i], pass, i == begin, text.source.text);
    encoding.ids.push_back(token.id);
    encoding.offsets.push_back(text.source.place(token.begin, token.end));
  }
  encoding.type_ids.resize(encoding.ids.size(), type_id);
  encoding.is_special.resize(encoding.ids.size(), 0);
}

std::vector<Encoding> TokenizerPipeline::Parts::encode(const TextPair& texts, const EncodeOptions& options, bool with_windows) const {
  const bool is_pair = texts.second.has_value();
  Tokenized first(texts.first), second(texts.second.value_or(std::string_view()));
  first.found = tokens_of(first.source.text);
  if (is_pair) second.found = tokens_of(second.source.text);
  const std::size_t first_size = first.found.tokens.size(), second_size = second.found.tokens.size();
  first.windows = {{0, first_size}};
  second.windows = {{0, second_size}};

  const std::int64_t specials = options.add_special_tokens ? frame.added_tokens(is_pair) : 0;
  std::optional<Truncation> limit = options.stored_limits ? truncation : std::nullopt;
  // A stored limit that has no room for the special tokens cuts nothing: in the library what is left of it wraps round.
  if (limit && limit->max_length < specials) limit.reset();
  if (options.max_length && (!limit || *options.max_length < limit->max_length)) {
    limit.emplace();
    limit->max_length = *options.max_length;
  }
  if (limit) {
    Truncated truncated = truncate(*limit, specials, first_size, is_pair ? std::optional(second_size) : std::nullopt);
    first.windows = std::move(truncated.first);
    if (is_pair) second.windows = std::move(truncated.second);
  }

  const FramePieces& pieces = frame.pieces(is_pair, options.add_special_tokens);
  std::vector<std::size_t> windows;
  for (const FramePiece& piece : pieces) {
    if (piece.kind != FramePiece::Kind::kSpecial) windows.push_back(with_windows ? (piece.kind == FramePiece::Kind::kFirst ? first : second).windows.size() : 1);
  }
  std::vector<Encoding> result;
  for (const Choice& choice : choices(windows)) {
    Encoding& encoding = result.emplace_back();
    if (!with_windows) {
      encoding.ids.reserve(first_size + second_size + pieces.size());
      encoding.offsets.reserve(first_size + second_size + pieces.size());
    }
    std::size_t next = 0;
    for (const FramePiece& piece : pieces) {
      if (piece.kind != FramePiece::Kind::kSpecial) {
        const std::size_t window = choice[next++];
        append(encoding, piece.kind == FramePiece::Kind::kFirst ? first : second, window, window == 0 ? piece.type_id : piece.window_type_id);
        continue;
      }
      encoding.ids.insert(encoding.ids.end(), piece.ids.begin(), piece.ids.end());
      encoding.offsets.resize(encoding.ids.size());
      encoding.type_ids.resize(encoding.ids.size(), piece.type_id);
      encoding.is_special.resize(encoding.ids.size(), 1);
    }
  }
  const auto kept = [](const Tokenized& text) { return text.windows[0].second - text.windows[0].first; };
  result[0].dropped_tokens = static_cast<std::int64_t>(first_size + second_size - kept(first) - kept(second));
  return result;
}

// All to one length, which the longest decides; windows beyond the first do not count.
void TokenizerPipeline::Parts::pad(std::vector<std::vector<Encoding>>& batch) const {
  std::size_t longest = 0;
  for (const std::vector<Encoding>& windows : batch) longest = std::max(longest, padded_length(*padding, windows[0].ids.size()));
  const std::size_t length = padded_length(*padding, longest);
  for (std::vector<Encoding>& windows : batch) {
    for (Encoding& window : windows) data::tokenizers::pad(*padding, length, window);
  }
}

TokenizerPipeline::TokenizerPipeline(const std::filesystem::path& path, const std::vector<std::string>& formats)
    : parts_(std::make_unique<Parts>(read_parts(path, formats))) {}

TokenizerPipeline::~TokenizerPipeline() = default;

Encoding TokenizerPipeline::encode(std::string_view text, const EncodeOptions& options) const {
  Encoding encoding = std::move(parts_->encode({text, std::nullopt}, options, false)[0]);
  if (options.stored_limits && parts_->padding) data::tokenizers::pad(*parts_->padding, padded_length(*parts_->padding, encoding.ids.size()), encoding);
  return encoding;
}

Encoding TokenizerPipeline::encode_pair(std::string_view first, std::string_view second, const EncodeOptions& options) const {
  Encoding encoding = std::move(parts_->encode({first, second}, options, false)[0]);
  if (options.stored_limits && parts_->padding) data::tokenizers::pad(*parts_->padding, padded_length(*parts_->padding, encoding.ids.size()), encoding);
  return encoding;
}

std::vector<std::vector<Encoding>> TokenizerPipeline::encode_batch(std::span<const TextPair> texts, const EncodeOptions& options) const {
  std::vector<std::vector<Encoding>> batch;
  for (const TextPair& pair : texts) batch.push_back(parts_->encode(pair, options, true));
  if (options.stored_limits && parts_->padding) parts_->pad(batch);
  return batch;
}

// Ids that are no token are left out, as the library does: a model may have more of them than its tokenizer.
std::string TokenizerPipeline::decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const {
  std::vector<std::string> tokens;
  tokens.reserve(ids.size());
  for (const std::int32_t id : ids) {
    const AddedToken* added = parts_->added.by_id(id);
    if (!added && !parts_->model->vocabulary().has(id)) continue;
    std::string text = added ? added->shown : std::string(parts_->model->vocabulary().token(id));
    // By the text that is shown, as the library does it: a special token that the normaliser changes is not recognised.
    if (skip_special_tokens) {
      const AddedToken* shown = parts_->added.by_content(text);
      if (shown && shown->special) continue;
    }
    tokens.push_back(std::move(text));
  }
  const bool joins = !parts_->decoder;
  if (!joins) tokens = parts_->decoder->apply(std::move(tokens));
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (joins && i > 0) text += ' ';
    text += tokens[i];
  }
  return text;
}

std::int64_t TokenizerPipeline::vocabulary_size() const {
  std::int64_t size = parts_->model->vocabulary().size();
  for (const AddedToken& token : parts_->added.all()) size = std::max<std::int64_t>(size, token.id + 1);
  return size;
}

std::optional<std::int32_t> TokenizerPipeline::id_of(std::string_view token) const {
  if (const AddedToken* added = parts_->added.by_content(token)) return added->id;
  const std::int32_t id = parts_->model->vocabulary().id(token);
  if (id == kNoId) return std::nullopt;
  return id;
}

std::string TokenizerPipeline::token_of(std::int32_t id) const {
  if (const AddedToken* added = parts_->added.by_id(id)) return added->content;
  return std::string(parts_->model->vocabulary().token(id));
}

SpecialIds TokenizerPipeline::special_ids() const { return parts_->special_ids; }

}  // namespace temper
