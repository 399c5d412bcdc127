// All decoders of tokenizer.json.
#include "data/tokenizers/byte_alphabet.h"
#include "data/tokenizers/components.h"
#include "data/tokenizers/json_object.h"
#include "data/tokenizers/pattern.h"
#include "data/tokenizers/unicode.h"

#include <temper/utf8.h>

#include <functional>

namespace temper::data::tokenizers {

namespace {

using Tokens = std::vector<std::string>;

class Function final : public Decoder {
 public:
  explicit Function(std::function<Tokens(Tokens)> function) : function_(std::move(function)) {}
  Tokens apply(Tokens tokens) const override { return function_(std::move(tokens)); }

 private:
  std::function<Tokens(Tokens)> function_;
};

std::unique_ptr<Decoder> function(std::function<Tokens(Tokens)> f) { return std::make_unique<Function>(std::move(f)); }

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  if (what.empty()) return;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
}

// The spaces that BERT's splitting puts before punctuation and contractions.
void clean_up(std::string& text) {
  constexpr std::pair<const char*, const char*> kRules[] = {{" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"}, {" n't", "n't"},
                                                            {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  for (const auto& [what, with] : kRules) replace_all(text, what, with);
}

Tokens from_byte_level(Tokens tokens) {
  std::string all, bytes;
  for (const std::string& token : tokens) {
    if (to_bytes(token, bytes)) all += bytes;
    else all += token;
  }
  return {replace_invalid(all)};
}

Tokens from_byte_fallback(Tokens tokens) {
  Tokens result;
  std::string pending;
  const auto flush = [&] {
    if (pending.empty()) return;
    if (valid_utf8_prefix(pending) == pending.size()) result.push_back(pending);
    else result.insert(result.end(), pending.size(), "\xEF\xBF\xBD");
    pending.clear();
  };
  for (std::string& token : tokens) {
    const auto digit = [&](std::size_t i) {
      const char c = token[i];
      return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    if (token.size() == 6 && token.starts_with("<0x") && token.ends_with('>') && digit(3) >= 0 && digit(4) >= 0) {
      pending += static_cast<char>(digit(3) * 16 + digit(4));
      continue;
    }
    flush();
    result.push_back(std::move(token));
  }
  flush();
  return result;
}

Tokens strip(Tokens tokens, char32_t content, std::int64_t start, std::int64_t stop) {
  for (std::string& token : tokens) {
    const std::u32string text = to_utf32(token);
    std::size_t begin = 0, end = text.size();
    while (begin < text.size() && static_cast<std::int64_t>(begin) < start && text[begin] == content) ++begin;
    while (end > begin && static_cast<std::int64_t>(text.size() - end) < stop && text[end - 1] == content) --end;
    std::string kept;
    for (std::size_t i = begin; i < end; ++i) append_utf8(text[i], kept);
    token = std::move(kept);
  }
  return tokens;
}

std::unique_ptr<Decoder> metaspace(const JsonObject& object) {
  const char32_t replacement = object.has("replacement") ? object.character("replacement") : U'\u2581';
  object.ignore("str_rep");
  object.ignore("split");
  const auto old_flag = object.optional_boolean("add_prefix_space");
  const std::string scheme = object.string_or("prepend_scheme", old_flag && !*old_flag ? "never" : "always");
  return function([replacement, drops = scheme != "never"](Tokens tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      std::string text;
      for (const char32_t c : to_utf32(tokens[i])) {
        if (c != replacement) append_utf8(c, text);
        else if (i > 0 || !drops) text += ' ';
      }
      tokens[i] = std::move(text);
    }
    return tokens;
  });
}

std::unique_ptr<Decoder> ctc(const JsonObject& object) {
  const std::string pad = object.string_or("pad_token", "<pad>"), delimiter = object.string_or("word_delimiter_token", "|");
  const bool cleans = object.boolean_or("cleanup", true);
  return function([pad, delimiter, cleans](Tokens tokens) {
    Tokens result;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (i > 0 && tokens[i] == tokens[i - 1]) continue;
      std::string text = tokens[i];
      replace_all(text, pad, "");
      if (cleans) {
        clean_up(text);
        replace_all(text, delimiter, " ");
      }
      if (!text.empty()) result.push_back(std::move(text));
    }
    return result;
  });
}

std::unique_ptr<Decoder> make(const JsonObject& object) {
  const std::string type = object.type();
  if (type == "Sequence") {
    auto parts = std::make_shared<std::vector<std::unique_ptr<Decoder>>>();
    for (const JsonPlace& place : object.at("decoders").items()) parts->push_back(read_decoder(place));
    return function([parts](Tokens tokens) {
      for (const auto& part : *parts) {
        if (part) tokens = part->apply(std::move(tokens));
      }
      return tokens;
    });
  }
  if (type == "ByteLevel") {
    for (const char* key : {"add_prefix_space", "trim_offsets", "use_regex"}) object.ignore(key);
    return byte_level_decoder();
  }
  if (type == "WordPiece") return word_piece_decoder(object.string_or("prefix", "##"), object.boolean_or("cleanup", true));
  if (type == "Metaspace") return metaspace(object);
  if (type == "BPEDecoder") {
    return function([suffix = object.string_or("suffix", "</w>")](Tokens tokens) {
      for (std::size_t i = 0; i < tokens.size(); ++i) replace_all(tokens[i], suffix, i + 1 == tokens.size() ? "" : " ");
      return tokens;
    });
  }
  if (type == "CTC") return ctc(object);
  if (type == "Fuse") {
    return function([](Tokens tokens) {
      std::string all;
      for (const std::string& token : tokens) all += token;
      return Tokens{all};
    });
  }
  if (type == "ByteFallback") return function(from_byte_fallback);
  if (type == "Strip") {
    const char32_t content = object.character("content");
    const std::int64_t start = object.integer("start"), stop = object.integer("stop");
    return function([=](Tokens tokens) { return strip(std::move(tokens), content, start, stop); });
  }
  if (type == "Replace") {
    auto regex = std::make_shared<Regex>(read_pattern(object.at("pattern")));
    return function([regex, content = object.string("content")](Tokens tokens) {
      for (std::string& token : tokens) {
        AlignedText text(token, 0);
        text.replace(regex->matches(token), content);
        token = std::string(text.text());
      }
      return tokens;
    });
  }
  object.fail("the decoder \"" + type + "\" is unknown", "known are BPEDecoder, ByteFallback, ByteLevel, CTC, Fuse, Metaspace, Replace, Sequence, Strip and WordPiece");
}

}  // namespace

std::unique_ptr<Decoder> byte_level_decoder() { return function(from_byte_level); }

std::unique_ptr<Decoder> word_piece_decoder(std::string prefix, bool cleanup) {
  return function([prefix = std::move(prefix), cleanup](Tokens tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      std::string& token = tokens[i];
      if (i > 0) {
        if (token.starts_with(prefix)) token.erase(0, prefix.size());
        else token.insert(0, " ");
      }
      if (cleanup) clean_up(token);
    }
    return tokens;
  });
}

std::unique_ptr<Decoder> read_decoder(const JsonPlace& place) {
  if (place.is_null()) return nullptr;
  const JsonObject object(place);
  auto made = make(object);
  object.finish();
  return made;
}

}  // namespace temper::data::tokenizers
