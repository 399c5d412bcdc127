// The suite itself: a good tokenizer passes, and for each check a faulty one fails exactly that check.
#include <temper/testing/tokenizer.h>

#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "data/tokenizers/unicode.h"

namespace temper::testing {
namespace {

// A tokenizer of characters: id 0 begins a text, 1 ends it, 2 is unknown, then come the ASCII characters. What a faulty one does
// differently is a function; an empty one means: as it should be.
struct Faults {
  std::function<void(Encoding&, std::string_view text, const EncodeOptions&)> encoding;  // of one text, at the end
  std::function<void(Encoding&)> pair;
  std::function<std::int32_t(std::int32_t)> id;
  std::function<std::optional<std::int32_t>(std::optional<std::int32_t>, std::string_view)> id_of;
  std::function<std::string(std::string, std::span<const std::int32_t>, bool skip)> decode;
  bool takes_any_length = false;
  bool refuses_bytes = false;
  std::int32_t eos = 1;
};

class Characters final : public Tokenizer {
 public:
  explicit Characters(Faults faults) : faults_(std::move(faults)) {}

  Encoding encode(std::string_view text, const EncodeOptions& options) const override {
    Encoding encoding = framed({text}, options);
    if (faults_.encoding) faults_.encoding(encoding, text, options);
    return encoding;
  }
  Encoding encode_pair(std::string_view first, std::string_view second, const EncodeOptions& options) const override {
    Encoding encoding = framed({first, second}, options);
    if (faults_.pair) faults_.pair(encoding);
    return encoding;
  }
  std::string decode(std::span<const std::int32_t> ids, bool skip) const override {
    std::string text;
    for (const std::int32_t id : ids) {
      if (id < 0 || id >= vocabulary_size() || (skip && id < 2)) continue;
      text += token(id);
    }
    return faults_.decode ? faults_.decode(text, ids, skip) : text;
  }
  std::int64_t vocabulary_size() const override { return 3 + 128; }
  std::optional<std::int32_t> id_of(std::string_view wanted) const override {
    std::optional<std::int32_t> found;
    for (std::int32_t id = 0; id < vocabulary_size(); ++id) {
      if (token(id) == wanted) found = id;
    }
    return faults_.id_of ? faults_.id_of(found, wanted) : found;
  }
  std::string token_of(std::int32_t id) const override { return id < 0 || id >= vocabulary_size() ? std::string() : token(id); }
  SpecialIds special_ids() const override {
    SpecialIds ids;
    ids.bos = 0;
    ids.eos = faults_.eos;
    return ids;
  }

 private:
  static std::string token(std::int32_t id) { return id == 0 ? "<s>" : id == 1 ? "</s>" : id == 2 ? "<unk>" : std::string(1, static_cast<char>(id - 3)); }

  void push(Encoding& e, std::int32_t id, ByteRange range, std::int32_t type, bool special) const {
    e.ids.push_back(faults_.id && !special ? faults_.id(id) : id);
    e.offsets.push_back(range);
    e.type_ids.push_back(type);
    e.is_special.push_back(special);
  }

  Encoding framed(std::vector<std::string_view> texts, const EncodeOptions& options) const {
    const std::int64_t specials = options.add_special_tokens ? 2 : 0;
    std::int64_t room = options.max_length ? *options.max_length - specials : 1 << 20;
    if (room < 0 && !faults_.takes_any_length) throw Error("too short");
    Encoding e;
    if (options.add_special_tokens) push(e, 0, {}, 0, true);
    for (std::size_t t = 0; t < texts.size(); ++t) {
      const auto text = data::tokenizers::sanitise(texts[t]);
      if (faults_.refuses_bytes && text.text != texts[t]) throw Error("this is not UTF-8");
      for (const char *p = text.text.data(), *end = p + text.text.size(); p < end;) {
        const char* start = p;
        const char32_t c = data::tokenizers::next_character(p);
        if (--room < 0) {
          ++e.dropped_tokens;
          continue;
        }
        push(e, c < 128 ? static_cast<std::int32_t>(c) + 3 : 2, {text.begin[static_cast<std::size_t>(start - text.text.data())], text.end[static_cast<std::size_t>(p - 1 - text.text.data())]},
             static_cast<std::int32_t>(t), false);
      }
    }
    if (options.add_special_tokens) push(e, 1, {}, 0, true);
    return e;
  }

  Faults faults_;
};

using Checks = std::vector<std::string>;

Checks failed(Faults faults) {
  Checks names;
  for (const Failure& failure : tokenizer_failures(Characters(std::move(faults)))) names.push_back(failure.check);
  return names;
}

Checks failed_encoding(std::function<void(Encoding&, std::string_view, const EncodeOptions&)> change) {
  Faults faults;
  faults.encoding = std::move(change);
  return failed(std::move(faults));
}

TEST(TokenizerSuite, PassesATokenizerThatKeepsItsPromises) {
  EXPECT_EQ(describe(tokenizer_failures(Characters({}))), "");
}

TEST(TokenizerSuite, FindsListsThatAreNotParallel) {
  EXPECT_EQ(failed_encoding([](Encoding& e, std::string_view, const EncodeOptions&) { e.type_ids.push_back(0); }), Checks{"lists_are_parallel"});
}

TEST(TokenizerSuite, FindsIdsOutsideOfTheVocabulary) {
  Faults faults;
  faults.id = [](std::int32_t id) { return id == 2 ? 900 : id; };
  EXPECT_EQ(failed(faults), Checks{"ids_are_in_the_vocabulary"});
}

TEST(TokenizerSuite, FindsOffsetsBeyondTheText) {
  EXPECT_EQ(failed_encoding([](Encoding& e, std::string_view text, const EncodeOptions& options) {
    if (text == "x" && options.add_special_tokens && e.ids.size() == 3) e.offsets[1].end = 2;
  }), Checks{"offsets_lie_in_the_text"});
}

TEST(TokenizerSuite, FindsOffsetsThatCutACharacter) {
  EXPECT_EQ(failed_encoding([](Encoding& e, std::string_view text, const EncodeOptions& options) {
    if (text.starts_with("caf\u00e9") && options.add_special_tokens && e.ids.size() > 5) e.offsets[4].end -= 1;
  }), Checks{"offsets_lie_in_the_text"});
}

TEST(TokenizerSuite, FindsOffsetsThatGoBack) {
  EXPECT_EQ(failed_encoding([](Encoding& e, std::string_view text, const EncodeOptions& options) {
    if (text.starts_with("The") && options.add_special_tokens && e.ids.size() > 5) std::swap(e.offsets[2], e.offsets[3]);
  }), Checks{"offsets_do_not_go_back"});
}

TEST(TokenizerSuite, FindsSpecialTokensThatAreNotMarked) {
  EXPECT_EQ(failed_encoding([](Encoding& e, std::string_view, const EncodeOptions& options) {
    if (options.add_special_tokens) e.is_special[0] = 0;
  }), Checks{"special_tokens_are_marked"});
}

TEST(TokenizerSuite, FindsEncodingsThatDependOnWhatCameBefore) {
  auto previous = std::make_shared<std::string>();
  EXPECT_EQ(failed_encoding([previous](Encoding& e, std::string_view text, const EncodeOptions&) {
    if (text.starts_with("aaa") && *previous == "x") e.ids[1] += 1;  // in the opposite order the one follows the other
    *previous = text;
  }), Checks{"encodes_the_same_again"});
}

TEST(TokenizerSuite, FindsEncodingsThatDependOnTheThread) {
  const auto home = std::this_thread::get_id();
  EXPECT_EQ(failed_encoding([home](Encoding& e, std::string_view, const EncodeOptions&) {
    if (std::this_thread::get_id() != home) e.ids.front() = 2;
  }), Checks{"encodes_from_many_threads"});
}

TEST(TokenizerSuite, FindsEncodingsLongerThanAsked) {
  Faults faults;
  faults.encoding = [](Encoding& e, std::string_view text, const EncodeOptions& options) {
    if (options.max_length && text == "x" && static_cast<std::int64_t>(e.ids.size()) == *options.max_length && e.dropped_tokens > 0) e.dropped_tokens = 0;
  };
  EXPECT_EQ(failed(faults), Checks{"truncates_to_max_length"});
}

TEST(TokenizerSuite, FindsATokenizerThatTakesAnyLength) {
  Faults faults;
  faults.takes_any_length = true;
  EXPECT_EQ(failed(faults), Checks{"too_short_is_an_error"});
}

TEST(TokenizerSuite, FindsPairsWithOffsetsOfAnotherText) {
  Faults faults;
  faults.pair = [](Encoding& e) {
    for (std::size_t i = 0; i < e.ids.size(); ++i) {
      if (e.type_ids[i] == 1) e.offsets[i].end += 1;
    }
  };
  EXPECT_EQ(failed(faults), Checks{"pairs_hold_both_texts"});
}

TEST(TokenizerSuite, FindsATokenizerThatRefusesBytes) {
  Faults faults;
  faults.refuses_bytes = true;
  EXPECT_EQ(failed(faults), Checks{"accepts_any_bytes"});
}

TEST(TokenizerSuite, FindsTokensWhoseIdIsAnother) {
  Faults faults;
  faults.id_of = [](std::optional<std::int32_t> id, std::string_view) { return id == 40 ? std::optional<std::int32_t>(41) : id; };
  EXPECT_EQ(failed(faults), Checks{"tokens_and_ids_agree"});
}

TEST(TokenizerSuite, FindsIdsOfWhatIsNoToken) {
  Faults faults;
  faults.id_of = [](std::optional<std::int32_t> id, std::string_view) { return id ? id : 2; };
  EXPECT_EQ(failed(faults), Checks{"unknown_tokens_have_no_id"});
}

TEST(TokenizerSuite, FindsDecodingThatIsNotUtf8) {
  Faults faults;
  faults.decode = [](std::string text, std::span<const std::int32_t> ids, bool) { return ids[0] == -1 ? text + '\xFF' : text; };
  EXPECT_EQ(failed(faults), Checks{"decodes_any_ids"});
}

TEST(TokenizerSuite, FindsSpecialTokensThatAreNotSkipped) {
  Faults faults;
  faults.decode = [](std::string text, std::span<const std::int32_t> ids, bool skip) { return skip && !ids.empty() && ids[0] == 0 ? "<s>" + text : text; };
  EXPECT_EQ(failed(faults), Checks{"skips_special_tokens"});
}

TEST(TokenizerSuite, FindsSpecialIdsWithoutAToken) {
  Faults faults;
  faults.eos = 131;
  EXPECT_EQ(failed(faults), Checks{"special_ids_are_in_the_vocabulary"});
}

}  // namespace
}  // namespace temper::testing
