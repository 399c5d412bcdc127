// Tokens and their ids: flat tables without an allocation per entry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace temper::data::tokenizers {

inline constexpr std::int32_t kNoId = -1;

// A hash that can be continued byte by byte, so that all starts of a word cost one pass (FNV-1a, with a final mix).
class Hash {
 public:
  void add(char byte) { state_ = (state_ ^ static_cast<unsigned char>(byte)) * 0x100000001B3ull; }
  std::uint64_t value() const {
    const std::uint64_t mixed = (state_ ^ (state_ >> 32)) * 0x9E3779B97F4A7C15ull;
    return mixed ^ (mixed >> 29);
  }
  static std::uint64_t of(std::string_view text) {
    Hash hash;
    for (const char byte : text) hash.add(byte);
    return hash.value();
  }

 private:
  std::uint64_t state_ = 0xCBF29CE484222325ull;
};

// Strings to numbers; open addressing. Not thread-safe while it grows, thread-safe afterwards.
class StringMap {
 public:
  // False when the key is there already, which then has the new value.
  bool set(std::string_view key, std::int32_t value);
  std::int32_t find(std::string_view key) const { return find(key, Hash::of(key)); }
  std::int32_t find(std::string_view key, std::uint64_t hash) const {  // kNoId when absent
    if (slots_.empty()) return kNoId;
    for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.value == kNoId) return kNoId;
      if (slot.tag == static_cast<std::uint32_t>(hash >> 32) && slot.size == key.size() && arena_.compare(slot.at, slot.size, key) == 0) return slot.value;
    }
  }
  std::size_t size() const { return size_; }
  std::size_t longest() const { return longest_; }  // bytes of the longest key

 private:
  struct Slot {
    std::uint32_t tag = 0, at = 0, size = 0;
    std::int32_t value = kNoId;
  };
  void grow();
  std::vector<Slot> slots_;
  std::size_t mask_ = 0, size_ = 0, longest_ = 0;
  std::string arena_;
};

// The tokens of a model. Ids may have holes; they are below kMostIds, so that a file that lies cannot ask for all memory.
class Vocabulary {
 public:
  static constexpr std::int64_t kMostIds = 1 << 24;
  // Throws Error: an id out of range, or one that another token has.
  void add(std::string_view token, std::int64_t id);
  // For files in which a token may come twice, as in vocab.txt: the later id wins.
  void add_again(std::string_view token, std::int64_t id);
  std::int32_t id(std::string_view token) const { return map_.find(token); }
  std::int32_t id(std::string_view token, std::uint64_t hash) const { return map_.find(token, hash); }
  bool has(std::int32_t id) const { return id >= 0 && id < size() && present_[static_cast<std::size_t>(id)]; }
  std::string_view token(std::int32_t id) const;  // empty for a hole
  std::int32_t size() const { return static_cast<std::int32_t>(present_.size()); }  // the largest id + 1
  std::size_t count() const { return map_.size(); }
  std::size_t longest() const { return map_.longest(); }

 private:
  void store(std::string_view token, std::int64_t id);
  StringMap map_;
  std::string arena_;
  struct Piece { std::uint32_t at = 0, size = 0; };
  std::vector<Piece> tokens_;
  std::vector<bool> present_;
};

// Pairs of ids to what they merge into; open addressing.
class PairMap {
 public:
  struct Merge {
    std::int32_t rank = -1, id = kNoId;  // rank -1: no merge
  };
  void reserve(std::size_t pairs);
  void set(std::int32_t left, std::int32_t right, Merge merge);  // a pair that is there gets the new merge
  Merge find(std::int32_t left, std::int32_t right) const {
    if (slots_.empty()) return {};
    const std::uint64_t key = key_of(left, right);
    for (std::size_t i = place(key);; i = (i + 1) & mask_) {
      if (slots_[i].key == key) return slots_[i].merge;
      if (slots_[i].merge.rank < 0) return {};
    }
  }

 private:
  struct Slot {
    std::uint64_t key = ~0ull;
    Merge merge;
  };
  static std::uint64_t key_of(std::int32_t left, std::int32_t right) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
  }
  std::size_t place(std::uint64_t key) const { return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ull) >> shift_) & mask_; }
  std::vector<Slot> slots_;
  std::size_t mask_ = 0, size_ = 0;
  int shift_ = 0;
};

}  // namespace temper::data::tokenizers
