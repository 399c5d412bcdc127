// The BPE model: symbols of a word, and their merging, by search in short words and with a heap in long ones.
#include "data/tokenizers/bpe.h"

#include <temper/error.h>

#include "data/tokenizers/byte_alphabet.h"

#include <algorithm>
#include <cstdio>
#include <queue>

namespace temper::data::tokenizers {

namespace {

// From this many symbols on a heap is quicker than looking through all pairs at every merge.
constexpr std::size_t kLongWord = 48;

}  // namespace

Bpe::Bpe(Vocabulary vocabulary, const std::vector<std::pair<std::string_view, std::string_view>>& merges, BpeOptions options,
         const std::string& where, const std::vector<std::int64_t>* lines)
    : vocabulary_(std::move(vocabulary)), options_(std::move(options)) {
  if (options_.unknown) {
    unknown_ = vocabulary_.id(*options_.unknown);  // may be an added token only; it is then never needed, or an error in encoding
  }
  merges_.reserve(merges.size());
  const std::size_t prefix = options_.prefix.size();
  std::string joined;
  for (std::size_t i = 0; i < merges.size(); ++i) {
    const auto& [left, right] = merges[i];
    joined.assign(left);
    joined += right.size() >= prefix ? right.substr(prefix) : std::string_view();
    const std::int32_t left_id = vocabulary_.id(left), right_id = vocabulary_.id(right), id = vocabulary_.id(joined);
    if (left_id == kNoId || right_id == kNoId || id == kNoId) {
      const std::string_view lacking = left_id == kNoId ? left : right_id == kNoId ? right : std::string_view(joined);
      const std::string place = lines ? ":" + std::to_string((*lines)[i]) : ": merge " + std::to_string(i + 1);
      throw Error(where + place + ": the merge \"" + std::string(left) + " " + std::string(right) + "\" needs the token \"" + std::string(lacking) + "\", which is not in the vocabulary",
                  "vocabulary and merges must come from the same tokenizer");
    }
    merges_.set(left_id, right_id, {static_cast<std::int32_t>(i), id});
  }
  for (int b = 0; b < 256; ++b) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned>(b));
    fallback_ids_[static_cast<std::size_t>(b)] = vocabulary_.id(name);
  }
  if (options_.ignore_merges) {
    for (std::int32_t id = 0; id < vocabulary_.size(); ++id) {
      if (vocabulary_.has(id)) whole_words_.set(vocabulary_.token(id), id);
    }
  }
}

bool Bpe::use_bytes() {
  if (!options_.prefix.empty() || !options_.suffix.empty() || options_.byte_fallback) return false;
  for (int b = 0; b < 256; ++b) {
    std::string character;
    append_utf8(character_of_byte(static_cast<unsigned char>(b)), character);
    byte_ids_[static_cast<std::size_t>(b)] = vocabulary_.id(character);
    if (byte_ids_[static_cast<std::size_t>(b)] == kNoId) return false;
  }
  bytes_ = true;
  // Most words of a text are one token. Which tokens the merges do reach is found once, here.
  whole_words_ = {};
  Symbols symbols;
  std::string bytes;
  for (std::int32_t id = 0; id < vocabulary_.size(); ++id) {
    if (!vocabulary_.has(id) || !to_bytes(vocabulary_.token(id), bytes) || bytes.empty()) continue;
    if (!options_.ignore_merges) {
      symbols_of(bytes, symbols);
      merge(symbols);
      if (symbols.size() != 1) continue;
    }
    whole_words_.set(bytes, id);
  }
  return true;
}

void Bpe::symbols_of(std::string_view word, Symbols& symbols) const {
  symbols.clear();
  if (bytes_) {
    for (const char byte : word) symbols.push_back({byte_ids_[static_cast<unsigned char>(byte)], 1, {}});
    return;
  }
  std::uint32_t pending = 0;  // bytes of unknown characters that are not yet written
  const auto flush = [&] {
    if (pending > 0) symbols.push_back({unknown_, pending, {}});
    pending = 0;
  };
  std::string decorated;
  for (const char *p = word.data(), *end = p + word.size(); p < end;) {
    const char* start = p;
    next_character(p);
    std::string_view character(start, static_cast<std::size_t>(p - start));
    const std::uint32_t size = static_cast<std::uint32_t>(character.size());
    const bool is_first = start == word.data(), is_last = p == end;
    if ((!is_first && !options_.prefix.empty()) || (is_last && !options_.suffix.empty())) {
      decorated.assign(is_first ? "" : options_.prefix);
      decorated += character;
      if (is_last) decorated += options_.suffix;
      character = decorated;
    }
    const std::int32_t id = vocabulary_.id(character);
    if (id != kNoId) {
      flush();
      symbols.push_back({id, size, {}});
      continue;
    }
    if (options_.byte_fallback && std::all_of(character.begin(), character.end(), [&](char b) { return fallback_ids_[static_cast<unsigned char>(b)] != kNoId; })) {
      // An unknown character before this one is written only later: so does the library.
      for (const char b : character) symbols.push_back({fallback_ids_[static_cast<unsigned char>(b)], 1, {}});
      continue;
    }
    if (!options_.unknown) continue;
    if (unknown_ == kNoId) throw Error("the text has characters that are not in the vocabulary, nor is the unknown token \"" + *options_.unknown + "\"");
    if (!options_.fuse_unknown) flush();
    pending += size;
  }
  flush();
}

void Bpe::merge(Symbols& symbols) const {
  if (symbols.size() > kLongWord) return merge_long(symbols);
  std::size_t count = symbols.size();
  for (std::size_t i = 0; i + 1 < count; ++i) symbols[i].next = merges_.find(symbols[i].id, symbols[i + 1].id);
  while (count > 1) {
    std::size_t best = count;
    std::int32_t best_rank = 0x7FFFFFFF;
    for (std::size_t i = 0; i + 1 < count; ++i) {
      const std::int32_t rank = symbols[i].next.rank;
      if (rank >= 0 && rank < best_rank) {
        best = i;
        best_rank = rank;
      }
    }
    if (best == count) break;
    symbols[best].id = symbols[best].next.id;
    symbols[best].size += symbols[best + 1].size;
    for (std::size_t i = best + 1; i + 1 < count; ++i) symbols[i] = symbols[i + 1];
    --count;
    symbols[best].next = best + 1 < count ? merges_.find(symbols[best].id, symbols[best + 1].id) : PairMap::Merge{};
    if (best > 0) symbols[best - 1].next = merges_.find(symbols[best - 1].id, symbols[best].id);
  }
  symbols.resize(count);
}

void Bpe::merge_long(Symbols& symbols) const {
  struct Candidate {
    std::int32_t rank;
    std::uint32_t left, right;
    std::int32_t left_id, right_id;  // what stood there when the candidate was found
    bool operator<(const Candidate& other) const { return rank != other.rank ? rank > other.rank : left > other.left; }
  };
  constexpr std::uint32_t kNone = 0xFFFFFFFF;
  const std::uint32_t count = static_cast<std::uint32_t>(symbols.size());
  std::vector<std::uint32_t> before(count), after(count);
  std::priority_queue<Candidate> queue;
  const auto offer = [&](std::uint32_t left, std::uint32_t right) {
    if (left == kNone || right == kNone) return;
    const PairMap::Merge merge = merges_.find(symbols[left].id, symbols[right].id);
    if (merge.rank >= 0) queue.push({merge.rank, left, right, symbols[left].id, symbols[right].id});
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    before[i] = i == 0 ? kNone : i - 1;
    after[i] = i + 1 == count ? kNone : i + 1;
    offer(i, after[i]);
  }
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Symbol& left = symbols[best.left];
    Symbol& right = symbols[best.right];
    if (left.size == 0 || right.size == 0 || left.id != best.left_id || right.id != best.right_id || after[best.left] != best.right) continue;
    left.id = merges_.find(left.id, right.id).id;
    left.size += right.size;
    right.size = 0;  // gone
    after[best.left] = after[best.right];
    if (after[best.left] != kNone) before[after[best.left]] = best.left;
    offer(before[best.left], best.left);
    offer(best.left, after[best.left]);
  }
  std::erase_if(symbols, [](const Symbol& symbol) { return symbol.size == 0; });
}

void Bpe::tokenize_word(std::string_view word, std::uint32_t begin, Symbols& symbols, std::vector<Token>& out) const {
  symbols_of(word, symbols);
  merge(symbols);
  for (const Symbol& symbol : symbols) {
    out.push_back({symbol.id, begin, begin + symbol.size, false});
    begin += symbol.size;
  }
}

void Bpe::tokenize(const Words& words, std::vector<Token>& out) const {
  Pool<Scratch>::Loan scratch(scratch_);
  const char* const text = words.text.text().data();
  for (const ByteRange& range : words.pieces) {
    const std::string_view word(text + range.begin, range.end - range.begin);
    if (!ShortWord::fits(word)) {
      const std::int32_t whole = whole_words_.find_long(word);
      if (whole != kNoId) out.push_back({whole, range.begin, range.end, false});
      else tokenize_word(word, range.begin, scratch->symbols, out);
      continue;
    }
    const ShortWord key(word);
    const std::uint64_t hash = key.hash();
    const std::int32_t whole = whole_words_.find(key, hash);
    if (whole != kNoId) {
      out.push_back({whole, range.begin, range.end, false});
      continue;
    }
    WordCache::Entry& known = scratch->cache.at(hash);
    if (known.word == key) {
      std::uint32_t at = range.begin;
      for (std::size_t i = 0; i < known.count; ++i) {
        out.push_back({known.ids[i], at, at + known.sizes[i], false});
        at += known.sizes[i];
      }
      continue;
    }
    const std::size_t before = out.size();
    tokenize_word(word, range.begin, scratch->symbols, out);
    const std::size_t tokens = out.size() - before;
    if (tokens > WordCache::kMostTokens || (tokens > 0 && out.back().end - range.begin > 255)) continue;  // a suffix can count beyond the word
    known.word = key;
    known.count = static_cast<std::uint8_t>(tokens);
    for (std::size_t i = 0; i < tokens; ++i) {
      known.ids[i] = out[before + i].id;
      known.sizes[i] = static_cast<std::uint8_t>(out[before + i].end - out[before + i].begin);
    }
  }
}

}  // namespace temper::data::tokenizers
