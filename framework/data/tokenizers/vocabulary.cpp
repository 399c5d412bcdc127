// StringMap, Vocabulary and PairMap.
#include "data/tokenizers/vocabulary.h"

#include <temper/error.h>

#include <algorithm>

namespace temper::data::tokenizers {

bool StringMap::set(std::string_view key, std::int32_t value) {
  if (slots_.empty() || size_ * 2 >= slots_.size()) grow();
  const std::uint64_t hash = Hash::of(key);
  for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
    Slot& slot = slots_[i];
    if (slot.value == kNoId) {
      slot = {static_cast<std::uint32_t>(hash >> 32), static_cast<std::uint32_t>(arena_.size()), static_cast<std::uint32_t>(key.size()), value};
      arena_ += key;
      longest_ = std::max(longest_, key.size());
      ++size_;
      return true;
    }
    if (slot.tag == static_cast<std::uint32_t>(hash >> 32) && slot.size == key.size() && arena_.compare(slot.at, slot.size, key) == 0) {
      slot.value = value;
      return false;
    }
  }
}

void StringMap::grow() {
  std::vector<Slot> old(std::max<std::size_t>(64, slots_.size() * 2));
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.value == kNoId) continue;
    std::size_t i = Hash::of(std::string_view(arena_).substr(slot.at, slot.size)) & mask_;
    while (slots_[i].value != kNoId) i = (i + 1) & mask_;
    slots_[i] = slot;
  }
}

void Vocabulary::store(std::string_view token, std::int64_t id) {
  if (id < 0 || id >= kMostIds) throw Error("token \"" + std::string(token) + "\" has the id " + std::to_string(id) + ", ids go from 0 to " + std::to_string(kMostIds - 1));
  const std::size_t at = static_cast<std::size_t>(id);
  if (at >= present_.size()) {
    present_.resize(at + 1);
    tokens_.resize(at + 1);
  }
  present_[at] = true;
  tokens_[at] = {static_cast<std::uint32_t>(arena_.size()), static_cast<std::uint32_t>(token.size())};
  arena_ += token;
}

void Vocabulary::add(std::string_view token, std::int64_t id) {
  if (id >= 0 && id < size() && has(static_cast<std::int32_t>(id)))
    throw Error("the id " + std::to_string(id) + " belongs to two tokens, \"" + std::string(this->token(static_cast<std::int32_t>(id))) + "\" and \"" + std::string(token) + "\"");
  if (map_.find(token) != kNoId) throw Error("the token \"" + std::string(token) + "\" stands twice in the vocabulary");
  store(token, id);
  map_.set(token, static_cast<std::int32_t>(id));
}

void Vocabulary::add_again(std::string_view token, std::int64_t id) {
  store(token, id);
  map_.set(token, static_cast<std::int32_t>(id));
}

std::string_view Vocabulary::token(std::int32_t id) const {
  if (!has(id)) return {};
  const Piece& piece = tokens_[static_cast<std::size_t>(id)];
  return std::string_view(arena_).substr(piece.at, piece.size);
}

void PairMap::reserve(std::size_t pairs) {
  std::size_t size = 64;
  shift_ = 58;
  while (size < pairs * 2) {
    size *= 2;
    --shift_;
  }
  slots_.assign(size, {});
  mask_ = size - 1;
  size_ = 0;
}

void PairMap::set(std::int32_t left, std::int32_t right, Merge merge) {
  if (slots_.empty() || size_ * 2 >= slots_.size()) {
    std::vector<Slot> old;
    old.swap(slots_);
    reserve(std::max<std::size_t>(64, old.size()));
    for (const Slot& slot : old) {
      if (slot.merge.rank >= 0) set(static_cast<std::int32_t>(slot.key >> 32), static_cast<std::int32_t>(slot.key & 0xFFFFFFFFu), slot.merge);
    }
  }
  const std::uint64_t key = key_of(left, right);
  std::size_t i = place(key);
  while (slots_[i].merge.rank >= 0 && slots_[i].key != key) i = (i + 1) & mask_;
  if (slots_[i].merge.rank < 0) ++size_;
  slots_[i] = {key, merge};
}

}  // namespace temper::data::tokenizers
