// The tokenizer contract, check by check.
#include <temper/testing/tokenizer.h>

#include <temper/utf8.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <thread>

namespace temper::testing {

namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

std::string in_quotes(std::string_view text) { return '"' + std::string(text.substr(0, 40)) + (text.size() > 40 ? "...\"" : "\""); }

bool equal(const Encoding& a, const Encoding& b) {
  return a.ids == b.ids && a.offsets == b.offsets && a.type_ids == b.type_ids && a.is_special == b.is_special && a.dropped_tokens == b.dropped_tokens;
}

EncodeOptions plain() {
  EncodeOptions options;
  options.add_special_tokens = false;
  return options;
}

std::vector<std::int32_t> without_specials(const Encoding& encoding) {
  std::vector<std::int32_t> ids;
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    if (!encoding.is_special[i]) ids.push_back(encoding.ids[i]);
  }
  return ids;
}

class Suite {
 public:
  Suite(const Tokenizer& tokenizer, const std::vector<std::string>& texts) : tokenizer_(tokenizer), texts_(texts) {}

  Failures run() {
    if (!each_text("lists_are_parallel", [&](const std::string& text) { return lists_are_parallel(text); })) return failures_;
    for (const std::string& text : texts_) encodings_.push_back(tokenizer_.encode(text));
    const bool ids_hold = each_text("ids_are_in_the_vocabulary", [&](const std::string& text) { return ids_are_in_the_vocabulary(text); });
    each_text("offsets_lie_in_the_text", [&](const std::string& text) { return offsets_lie_in_the_text(text, tokenizer_.encode(text)); });
    each_text("offsets_do_not_go_back", [&](const std::string& text) { return offsets_do_not_go_back(text); });
    const bool specials_hold = each_text("special_tokens_are_marked", [&](const std::string& text) { return special_tokens_are_marked(text); });
    if (!holds("encodes_the_same_again", [&] { return encodes_the_same_again(); })) return failures_;
    holds("encodes_from_many_threads", [&] { return encodes_from_many_threads(); });
    holds("accepts_any_bytes", [&] { return accepts_any_bytes(); });
    holds("tokens_and_ids_agree", [&] { return tokens_and_ids_agree(); });
    holds("unknown_tokens_have_no_id", [&] { return unknown_tokens_have_no_id(); });
    holds("decodes_any_ids", [&] { return decodes_any_ids(); });
    holds("special_ids_are_in_the_vocabulary", [&] { return special_ids_are_in_the_vocabulary(); });
    if (!specials_hold) return failures_;
    each_text("truncates_to_max_length", [&](const std::string& text) { return truncates_to_max_length(text); });
    holds("too_short_is_an_error", [&] { return too_short_is_an_error(); });
    holds("pairs_hold_both_texts", [&] { return pairs_hold_both_texts(); });
    if (ids_hold) each_text("skips_special_tokens", [&](const std::string& text) { return skips_special_tokens(text); });
    return failures_;
  }

 private:
  // Runs a check, which gives what it found or nothing; an exception that it lets through is its failure.
  bool holds(const std::string& check, const std::function<std::string()>& run) {
    std::string what;
    try {
      what = run();
    } catch (const std::exception& error) {
      what = std::string("threw: ") + error.what();
    }
    if (what.empty()) return true;
    failures_.push_back({check, what});
    return false;
  }

  // The first text on which a check fails is reported.
  bool each_text(const std::string& check, const std::function<std::string(const std::string&)>& look) {
    return holds(check, [&]() -> std::string {
      for (const std::string& text : texts_) {
        const std::string what = look(text);
        if (!what.empty()) return "text " + in_quotes(text) + ": " + what;
      }
      return {};
    });
  }

  std::string lists_are_parallel(const std::string& text) const {
    const Encoding e = tokenizer_.encode(text);
    if (e.offsets.size() == e.ids.size() && e.type_ids.size() == e.ids.size() && e.is_special.size() == e.ids.size()) return {};
    return std::to_string(e.ids.size()) + " ids, " + std::to_string(e.offsets.size()) + " offsets, " + std::to_string(e.type_ids.size()) + " type_ids, " + std::to_string(e.is_special.size()) + " is_special";
  }

  std::string ids_are_in_the_vocabulary(const std::string& text) const {
    for (const std::int32_t id : tokenizer_.encode(text).ids) {
      if (id < 0 || id >= tokenizer_.vocabulary_size()) return "the id " + std::to_string(id) + " is outside of a vocabulary of " + std::to_string(tokenizer_.vocabulary_size());
      if (tokenizer_.token_of(id).empty()) return "the id " + std::to_string(id) + " has no token";
    }
    return {};
  }

  static std::string offsets_lie_in_the_text(const std::string& text, const Encoding& e) {
    for (const ByteRange& range : e.offsets) {
      const std::string where = "[" + std::to_string(range.begin) + ", " + std::to_string(range.end) + ")";
      if (range.begin > range.end || range.end > text.size()) return "offsets " + where + " in a text of " + std::to_string(text.size()) + " bytes";
      for (const std::uint32_t at : {range.begin, range.end}) {
        if (valid_utf8_prefix(text) == text.size() && at < text.size() && is_continuation(text[at])) return "offsets " + where + " cut a character";
      }
    }
    return {};
  }

  std::string offsets_do_not_go_back(const std::string& text) const {
    const Encoding e = tokenizer_.encode(text);
    std::uint32_t last = 0;
    for (std::size_t i = 0; i < e.ids.size(); ++i) {
      if (e.is_special[i]) continue;
      if (e.offsets[i].begin < last) return "token " + std::to_string(i) + " begins at byte " + std::to_string(e.offsets[i].begin) + ", before token " + std::to_string(i - 1);
      last = e.offsets[i].begin;
    }
    return {};
  }

  std::string special_tokens_are_marked(const std::string& text) const {
    const Encoding with = tokenizer_.encode(text), bare = tokenizer_.encode(text, plain());
    for (std::size_t i = 0; i < bare.ids.size(); ++i) {
      if (bare.is_special[i]) return "without special tokens, token " + std::to_string(i) + " is one";
    }
    for (std::size_t i = 0; i < with.ids.size(); ++i) {
      if (with.is_special[i] && !(with.offsets[i] == ByteRange{})) return "the special token " + std::to_string(i) + " has offsets other than [0, 0)";
    }
    if (without_specials(with) != bare.ids) return "the ids that are not special are not those without special tokens";
    return {};
  }

  std::string encodes_the_same_again() const {
    for (std::size_t i = texts_.size(); i-- > 0;) {  // in the opposite order
      if (!equal(tokenizer_.encode(texts_[i]), encodings_[i])) return "text " + in_quotes(texts_[i]) + " is encoded otherwise the second time";
    }
    return {};
  }

  std::string encodes_from_many_threads() const {
    std::atomic<int> differences = 0;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t round = 0; round < 8; ++round) {
          for (std::size_t i = 0; i < texts_.size(); ++i) {
            const std::size_t text = (i * 7 + t + round) % texts_.size();
            try {
              if (!equal(tokenizer_.encode(texts_[text]), encodings_[text])) ++differences;
            } catch (...) {
              ++differences;
            }
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return differences == 0 ? std::string() : std::to_string(differences.load()) + " encodings differ from those of one thread";
  }

  std::string truncates_to_max_length(const std::string& text) const {
    const Encoding whole = tokenizer_.encode(text), bare = tokenizer_.encode(text, plain());
    const std::int64_t specials = static_cast<std::int64_t>(whole.ids.size() - bare.ids.size());
    for (const std::int64_t room : {std::int64_t{0}, std::int64_t{1}, std::int64_t{3}, static_cast<std::int64_t>(bare.ids.size()), static_cast<std::int64_t>(bare.ids.size()) + 5}) {
      EncodeOptions options;
      options.max_length = room + specials;
      const Encoding cut = tokenizer_.encode(text, options);
      const std::string where = "max_length " + std::to_string(*options.max_length) + ": ";
      if (static_cast<std::int64_t>(cut.ids.size()) > *options.max_length) return where + std::to_string(cut.ids.size()) + " ids";
      const std::size_t kept = std::min(bare.ids.size(), static_cast<std::size_t>(room));
      if (without_specials(cut) != std::vector<std::int32_t>(bare.ids.begin(), bare.ids.begin() + static_cast<std::ptrdiff_t>(kept))) return where + "the ids are not the text's first ones";
      if (static_cast<std::int64_t>(cut.ids.size() - kept) != specials) return where + "special tokens were cut off";
      if (cut.dropped_tokens != static_cast<std::int64_t>(bare.ids.size() - kept)) return where + "dropped_tokens is " + std::to_string(cut.dropped_tokens) + ", " + std::to_string(bare.ids.size() - kept) + " were dropped";
    }
    return {};
  }

  std::string too_short_is_an_error() const {
    const std::string& text = texts_.front();
    const std::int64_t specials = static_cast<std::int64_t>(tokenizer_.encode(text).ids.size() - tokenizer_.encode(text, plain()).ids.size());
    EncodeOptions options;
    options.max_length = specials - 1;
    try {
      tokenizer_.encode(text, options);
    } catch (const Error&) {
      return {};
    }
    return "max_length " + std::to_string(*options.max_length) + " was accepted, though there are " + std::to_string(specials) + " special tokens";
  }

  std::string pairs_hold_both_texts() const {
    for (std::size_t i = 0; i + 1 < texts_.size(); ++i) {
      const std::string &first = texts_[i], &second = texts_[i + 1];
      const std::string where = "pair " + in_quotes(first) + ", " + in_quotes(second) + ": ";
      const Encoding pair = tokenizer_.encode_pair(first, second);
      if (pair.offsets.size() != pair.ids.size() || pair.type_ids.size() != pair.ids.size() || pair.is_special.size() != pair.ids.size()) return where + "the lists are not parallel";
      const Encoding a = tokenizer_.encode(first, plain()), b = tokenizer_.encode(second, plain());
      std::vector<std::int32_t> ids = a.ids;
      ids.insert(ids.end(), b.ids.begin(), b.ids.end());
      if (without_specials(pair) != ids) return where + "the ids are not those of both texts";
      std::vector<ByteRange> offsets, wanted = a.offsets;
      wanted.insert(wanted.end(), b.offsets.begin(), b.offsets.end());
      for (std::size_t t = 0; t < pair.ids.size(); ++t) {
        if (!pair.is_special[t]) offsets.push_back(pair.offsets[t]);
      }
      if (offsets != wanted) return where + "the offsets are not those of each text alone";
      EncodeOptions options;
      options.max_length = static_cast<std::int64_t>(pair.ids.size()) - 1;
      if (ids.empty()) continue;
      const Encoding cut = tokenizer_.encode_pair(first, second, options);
      if (static_cast<std::int64_t>(cut.ids.size()) != *options.max_length || cut.dropped_tokens != 1) return where + "one token too many is not cut off";
    }
    return {};
  }

  std::string accepts_any_bytes() const {
    for (const std::string& text : {std::string(), std::string("a\0b", 3), std::string("\xFF\xFE"), std::string("caf\xC3"), std::string("\xE2\x82 x \xF0\x9F\x98"), std::string("\xED\xA0\x80\xC0\xAF")}) {
      const std::string where = "text of bytes " + std::to_string(text.size()) + ": ";
      const Encoding e = tokenizer_.encode(text);
      if (e.offsets.size() != e.ids.size()) return where + "the lists are not parallel";
      const std::string what = offsets_lie_in_the_text(text, e);
      if (!what.empty()) return where + what;
    }
    return {};
  }

  std::string tokens_and_ids_agree() const {
    for (std::int64_t id = 0; id < tokenizer_.vocabulary_size(); ++id) {
      const std::string token = tokenizer_.token_of(static_cast<std::int32_t>(id));
      if (token.empty()) continue;
      const auto found = tokenizer_.id_of(token);
      if (!found || *found != id) return "the token " + in_quotes(token) + " of the id " + std::to_string(id) + " has the id " + (found ? std::to_string(*found) : "nothing");
    }
    return {};
  }

  std::string unknown_tokens_have_no_id() const {
    const std::string nonsense = "\x01no token is called this\x02";
    return tokenizer_.id_of(nonsense) ? "id_of gives an id for " + in_quotes(nonsense) : std::string();
  }

  std::string decodes_any_ids() const {
    const std::int32_t size = static_cast<std::int32_t>(tokenizer_.vocabulary_size());
    std::vector<std::int32_t> ids = {-1, size, size + 1000, 0x7FFFFFFF, -0x7FFFFFFF};
    for (std::int32_t id = 0; id < std::min(size, 300); ++id) ids.push_back(id * 7919 % size);  // bytes in an order that makes no text
    for (const bool skip : {true, false}) {
      const std::string text = tokenizer_.decode(ids, skip);
      if (valid_utf8_prefix(text) != text.size()) return "the decoded text is not valid UTF-8";
    }
    return {};
  }

  std::string skips_special_tokens(const std::string& text) const {
    const std::string with = tokenizer_.decode(tokenizer_.encode(text).ids, true), bare = tokenizer_.decode(tokenizer_.encode(text, plain()).ids, true);
    return with == bare ? std::string() : "decoded without special tokens it is " + in_quotes(with) + ", the plain ids give " + in_quotes(bare);
  }

  std::string special_ids_are_in_the_vocabulary() const {
    const SpecialIds ids = tokenizer_.special_ids();
    for (const auto& id : {ids.bos, ids.eos, ids.unk, ids.sep, ids.pad, ids.cls, ids.mask}) {
      if (id && (*id < 0 || *id >= tokenizer_.vocabulary_size() || tokenizer_.token_of(*id).empty())) return "the special id " + std::to_string(*id) + " has no token";
    }
    return {};
  }

  const Tokenizer& tokenizer_;
  std::vector<std::string> texts_;
  std::vector<Encoding> encodings_;
  Failures failures_;
};

}  // namespace

Failures tokenizer_failures(const Tokenizer& tokenizer, const std::vector<std::string>& texts) { return Suite(tokenizer, texts).run(); }

Failures tokenizer_failures(const Tokenizer& tokenizer) {
  return tokenizer_failures(tokenizer, {"The quick brown fox jumps over the lazy dog.", "  two  spaces\tand\n\nlines  ", "it's we'll I'M 12345 3.14", "caf\u00e9 na\u00efve e\u0301",
                                        "\u041f\u0440\u0438\u0432\u0435\u0442 \u4f60\u597d\u4e16\u754c \u3053\u3093\u306b\u3061\u306f \u0645\u0631\u062d\u0628\u0627", "\U0001F600\U0001F468\u200D\U0001F469 \u2603 \u00ad\ufeff",
                                        std::string(300, 'a') + " " + std::string(70, '!'), "x"});
}

}  // namespace temper::testing
