// Words to ids, for words as texts have them: up to 16 bytes are hashed and compared in registers.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "data/tokenizers/vocabulary.h"

namespace temper::data::tokenizers {

// A word of 1 to 16 bytes. Its first and last bytes, which may overlap, and its size tell it from all others.
class ShortWord {
 public:
  static constexpr std::size_t kMostBytes = 16;
  static bool fits(std::string_view word) { return !word.empty() && word.size() <= kMostBytes; }
  ShortWord() = default;  // none
  explicit ShortWord(std::string_view word) : size_(static_cast<std::uint32_t>(word.size())) {
    const char* const p = word.data();
    if (size_ >= 8) {
      std::memcpy(&low_, p, 8);
      std::memcpy(&high_, p + size_ - 8, 8);
    } else if (size_ >= 4) {
      std::uint32_t low, high;
      std::memcpy(&low, p, 4);
      std::memcpy(&high, p + size_ - 4, 4);
      low_ = low;
      high_ = high;
    } else {
      const auto byte = [&](std::uint32_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(p[i])); };
      low_ = byte(0) | byte(size_ / 2) << 8 | byte(size_ - 1) << 16;
    }
  }
  std::uint64_t hash() const {
    std::uint64_t mixed = (low_ ^ size_) * 0x9E3779B97F4A7C15ull;
    mixed = (mixed ^ (mixed >> 32) ^ high_) * 0xD6E8FEB86659FD93ull;
    return mixed ^ (mixed >> 32);
  }
  friend bool operator==(const ShortWord& a, const ShortWord& b) { return a.low_ == b.low_ && a.high_ == b.high_ && a.size_ == b.size_; }

 private:
  std::uint64_t low_ = 0, high_ = 0;
  std::uint32_t size_ = 0;
};

class WordTable {
 public:
  void set(std::string_view word, std::int32_t id);  // of equal words the last holds
  // kNoId when absent. `hash` is the short word's.
  std::int32_t find(const ShortWord& word, std::uint64_t hash) const {
    if (slots_.empty()) return kNoId;
    for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
      if (slots_[i].id == kNoId || slots_[i].word == word) return slots_[i].id;
    }
  }
  std::int32_t find_long(std::string_view word) const { return long_.find(word); }
  std::int32_t find(std::string_view word) const {
    if (!ShortWord::fits(word)) return find_long(word);
    const ShortWord key(word);
    return find(key, key.hash());
  }

 private:
  struct Slot {
    ShortWord word;
    std::int32_t id = kNoId;
  };
  std::vector<Slot> slots_;
  std::size_t mask_ = 0, size_ = 0;
  StringMap long_;
};

// The tokens of short words that were met before. Of two words with one place the later stays. For one thread at a time.
class WordCache {
 public:
  static constexpr std::size_t kMostTokens = 8;
  struct Entry {
    ShortWord word;
    std::uint8_t count = 0;
    std::array<std::uint8_t, kMostTokens> sizes{};  // bytes of each token
    std::array<std::int32_t, kMostTokens> ids{};
  };
  WordCache() : entries_(kEntries) {}
  Entry& at(std::uint64_t hash) { return entries_[hash & (kEntries - 1)]; }

 private:
  static constexpr std::size_t kEntries = 1 << 12;
  std::vector<Entry> entries_;
};

// Lends what a call needs and the next one can use again: as many as there are calls at once. Thread-safe.
template <class Thing>
class Pool {
 public:
  class Loan {
   public:
    explicit Loan(Pool& pool) : pool_(pool), thing_(pool.take()) {}
    ~Loan() { pool_.give(std::move(thing_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    Thing& operator*() { return *thing_; }
    Thing* operator->() { return thing_.get(); }

   private:
    Pool& pool_;
    std::unique_ptr<Thing> thing_;
  };

 private:
  std::unique_ptr<Thing> take() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Thing> thing = std::move(idle_.back());
        idle_.pop_back();
        return thing;
      }
    }
    return std::make_unique<Thing>();
  }
  void give(std::unique_ptr<Thing> thing) {
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_.push_back(std::move(thing));
  }
  std::mutex mutex_;
  std::vector<std::unique_ptr<Thing>> idle_;
};

}  // namespace temper::data::tokenizers
