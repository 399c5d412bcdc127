// All pre-tokenizers of tokenizer.json.
#include "data/tokenizers/pre_tokenizers.h"

#include "data/tokenizers/byte_alphabet.h"
#include "data/tokenizers/json_object.h"
#include "data/tokenizers/pattern.h"
#include "data/tokenizers/scanners.h"
#include "data/tokenizers/unicode_scripts.h"

#include <array>

namespace temper::data::tokenizers {

namespace {

class Function final : public PreTokenizer {
 public:
  explicit Function(std::function<void(Words&)> function) : function_(std::move(function)) {}
  void apply(Words& words) const override { function_(words); }

 private:
  std::function<void(Words&)> function_;
};

std::unique_ptr<PreTokenizer> function(std::function<void(Words&)> f) { return std::make_unique<Function>(std::move(f)); }

std::unique_ptr<PreTokenizer> split_at(Finder finder, SplitBehavior behavior) {
  return function([finder = std::move(finder), behavior](Words& words) { split(words, finder, behavior); });
}

// Bytes become characters, each of which stands for its whole source character.
class ByteAlphabet final : public PreTokenizer {
 public:
  void apply(Words& words) const override {
    words.rewrite([](AlignedText& piece) {
      const std::string_view now = piece.text();
      Rewriter rewriter(piece);
      for (const char *p = now.data(), *end = p + now.size(); p < end;) {
        const char* start = p;
        next_character(p);
        for (const char* byte = start; byte < p; ++byte) rewriter.add(character_of_byte(static_cast<unsigned char>(*byte)), byte > start);
      }
      rewriter.finish(piece);
    });
  }
  bool is_byte_alphabet() const override { return true; }
};

// A scanner takes all of a text in one go.
class ScannedSplit final : public PreTokenizer {
 public:
  explicit ScannedSplit(Scanner scanner) : scanner_(scanner) {}
  void apply(Words& words) const override {
    std::vector<ByteRange> result;
    result.reserve(words.text.text().size() / 4 + 8);
    for (const ByteRange& piece : words.pieces) scanner_(words.piece(piece), piece.begin, result);
    words.pieces = std::move(result);
  }

 private:
  Scanner scanner_;
};

SplitBehavior read_behavior(const JsonObject& object) {
  const std::string name = object.string("behavior");
  if (name == "Removed") return SplitBehavior::kRemoved;
  if (name == "Isolated") return SplitBehavior::kIsolated;
  if (name == "MergedWithPrevious") return SplitBehavior::kMergedWithPrevious;
  if (name == "MergedWithNext") return SplitBehavior::kMergedWithNext;
  if (name == "Contiguous") return SplitBehavior::kContiguous;
  object.fail("the behavior \"" + name + "\" is unknown", "known are Removed, Isolated, MergedWithPrevious, MergedWithNext and Contiguous");
}

std::unique_ptr<PreTokenizer> metaspace(const JsonObject& object) {
  std::string mark;
  const char32_t replacement = object.has("replacement") ? object.character("replacement") : U'\u2581';
  append_utf8(replacement, mark);
  object.ignore("str_rep");
  const auto old_flag = object.optional_boolean("add_prefix_space");
  std::string scheme = object.string_or("prepend_scheme", old_flag && !*old_flag ? "never" : "always");
  if (old_flag && !*old_flag && scheme != "never") object.fail("add_prefix_space is false, but prepend_scheme is \"" + scheme + "\"");
  if (scheme != "always" && scheme != "first" && scheme != "never") object.fail("the prepend_scheme \"" + scheme + "\" is unknown", "known are always, first and never");
  const bool cuts = object.boolean_or("split", true);
  return function([mark, scheme, cuts, replacement](Words& words) {
    words.rewrite([&](AlignedText& piece) {
      std::vector<ByteRange> spaces;
      const std::string_view now = piece.text();
      for (std::uint32_t i = 0; i < now.size(); ++i) {
        if (now[i] == ' ') spaces.push_back({i, i + 1});
      }
      piece.replace(spaces, mark);
      if (scheme == "never" || piece.text().starts_with(mark)) return;
      if (scheme == "always" || piece.place(0).begin == 0) piece.prepend(mark);
    });
    if (cuts) split(words, each_character([replacement](char32_t c) { return c == replacement; }), SplitBehavior::kMergedWithNext);
  });
}

std::unique_ptr<PreTokenizer> fixed_length(std::int64_t length) {
  return split_at([length](std::string_view piece, std::vector<ByteRange>& matches) {
    const char *p = piece.data(), *end = p + piece.size();
    while (p < end) {
      const char* start = p;
      for (std::int64_t i = 0; i < length && p < end; ++i) next_character(p);
      matches.push_back({static_cast<std::uint32_t>(start - piece.data()), static_cast<std::uint32_t>(p - piece.data())});
    }
  }, SplitBehavior::kIsolated);
}

// \w+|[^\w\s]+ : runs of words, and of what is neither word nor space.
std::unique_ptr<PreTokenizer> whitespace() {
  return function([](Words& words) {
    std::vector<ByteRange> result;
    const auto kind = [](char32_t c) { return is_white_space(c) ? 0 : is_word(c) ? 1 : 2; };
    for (const ByteRange& range : words.pieces) {
      const std::string_view piece = words.piece(range);
      int previous = 0;
      for (const char *p = piece.data(), *end = p + piece.size(); p < end;) {
        const std::uint32_t begin = range.begin + static_cast<std::uint32_t>(p - piece.data());
        const int now = kind(next_character(p));
        const std::uint32_t behind = range.begin + static_cast<std::uint32_t>(p - piece.data());
        if (now != 0 && now == previous) result.back().end = behind;
        else if (now != 0) result.push_back({begin, behind});
        previous = now;
      }
    }
    words.pieces = std::move(result);
  });
}

void add(PreTokenizers& steps, const JsonPlace& place) {
  if (place.is_null()) return;
  const JsonObject object(place);
  const std::string type = object.type();
  if (type == "Sequence") {
    for (const JsonPlace& part : object.at("pretokenizers").items()) add(steps, part);
  } else if (type == "ByteLevel") {
    object.ignore("trim_offsets");  // the post-processor's business
    add_byte_level(steps, object.boolean_or("add_prefix_space", true), object.boolean_or("use_regex", true));
  } else if (type == "Split") {
    const Regex regex = read_pattern(object.at("pattern"));
    steps.push_back(split_by(regex.pattern(), read_behavior(object), object.boolean_or("invert", false)));
  } else if (type == "BertPreTokenizer") {
    steps.push_back(bert_pre_tokenizer());
  } else if (type == "Metaspace") {
    steps.push_back(metaspace(object));
  } else if (type == "Whitespace") {
    steps.push_back(whitespace());
  } else if (type == "WhitespaceSplit") {
    steps.push_back(split_at(each_character(is_white_space), SplitBehavior::kRemoved));
  } else if (type == "Punctuation") {
    steps.push_back(split_at(each_character(is_bert_punctuation), object.has("behavior") ? read_behavior(object) : SplitBehavior::kIsolated));
  } else if (type == "Digits") {
    steps.push_back(split_at(each_character(is_numeric), object.boolean_or("individual_digits", false) ? SplitBehavior::kIsolated : SplitBehavior::kContiguous));
  } else if (type == "CharDelimiterSplit") {
    const char32_t delimiter = object.character("delimiter");
    steps.push_back(split_at(each_character([delimiter](char32_t c) { return c == delimiter; }), SplitBehavior::kRemoved));
  } else if (type == "UnicodeScripts") {
    steps.push_back(function(split_by_script));
  } else if (type == "FixedLength") {
    const std::int64_t length = object.integer_or("length", 5);
    if (length < 1) object.fail("the length is " + std::to_string(length) + ", it must be at least 1");
    steps.push_back(fixed_length(length));
  } else {
    object.fail("the pre-tokenizer \"" + type + "\" is unknown",
                "known are BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, FixedLength, Metaspace, Punctuation, Sequence, Split, UnicodeScripts, Whitespace and WhitespaceSplit");
  }
  object.finish();
}

}  // namespace

void add_byte_level(PreTokenizers& steps, bool add_prefix_space, bool use_regex) {
  if (add_prefix_space) {
    steps.push_back(function([](Words& words) {
      words.rewrite([](AlignedText& piece) {
        if (!piece.text().starts_with(' ')) piece.prepend(" ");
      });
    }));
  }
  if (use_regex) steps.push_back(split_by(kGpt2Pattern, SplitBehavior::kIsolated, false));
  steps.push_back(std::make_unique<ByteAlphabet>());
}

std::unique_ptr<PreTokenizer> split_by(std::string_view pattern, SplitBehavior behavior, bool invert) {
  // A scanner's matches cover the text, so that nothing is left to behave about.
  const bool keeps_matches = behavior == SplitBehavior::kIsolated || (behavior == SplitBehavior::kRemoved && invert);
  if (const Scanner scanner = keeps_matches ? scanner_for(pattern) : nullptr) return std::make_unique<ScannedSplit>(scanner);
  auto regex = std::make_shared<Regex>(pattern);
  return function([regex, behavior, invert](Words& words) {
    split(words, [&](std::string_view piece, std::vector<ByteRange>& matches) { matches = regex->matches(piece); }, behavior, invert);
  });
}

namespace {

enum class BertClass : std::uint8_t { kWord, kSpace, kPunctuation };

constexpr std::array<BertClass, 128> kAsciiBertClasses = [] {
  std::array<BertClass, 128> classes{};
  for (std::size_t c = 33; c < 127; ++c) {
    const bool is_word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!is_word) classes[c] = BertClass::kPunctuation;
  }
  for (const std::size_t c : {9, 10, 11, 12, 13, 32}) classes[c] = BertClass::kSpace;
  return classes;
}();

// The class of the character at p, and p behind it.
BertClass take_bert_class(const char*& p) {
  if (static_cast<unsigned char>(*p) < 0x80) return kAsciiBertClasses[static_cast<unsigned char>(*p++)];
  const char32_t c = next_character(p);
  return is_white_space(c) ? BertClass::kSpace : is_bert_punctuation(c) ? BertClass::kPunctuation : BertClass::kWord;
}

}  // namespace

std::unique_ptr<PreTokenizer> bert_pre_tokenizer() {
  return function([](Words& words) {
    std::vector<ByteRange> result;
    result.reserve(words.text.text().size() / 4 + 8);
    for (const ByteRange& range : words.pieces) {
      const std::string_view piece = words.piece(range);
      const auto place = [&](const char* p) { return range.begin + static_cast<std::uint32_t>(p - piece.data()); };
      for (const char *p = piece.data(), *end = p + piece.size(); p < end;) {
        const char* const start = p;
        const BertClass kind = take_bert_class(p);
        if (kind == BertClass::kSpace) continue;
        while (kind == BertClass::kWord && p < end) {  // a run of them
          const char* next = p;
          if (take_bert_class(next) != BertClass::kWord) break;
          p = next;
        }
        result.push_back({place(start), place(p)});
      }
    }
    words.pieces = std::move(result);
  });
}

PreTokenizers read_pre_tokenizer(const JsonPlace& place) {
  PreTokenizers steps;
  add(steps, place);
  return steps;
}

}  // namespace temper::data::tokenizers
