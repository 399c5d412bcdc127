// Filling a WordTable.
#include "data/tokenizers/word_table.h"

#include <algorithm>

namespace temper::data::tokenizers {

void WordTable::set(std::string_view word, std::int32_t id) {
  if (!ShortWord::fits(word)) {
    long_.set(word, id);
    return;
  }
  if (slots_.empty() || size_ * 2 >= slots_.size()) {
    std::vector<Slot> old(std::max<std::size_t>(64, slots_.size() * 2));
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (slot.id == kNoId) continue;
      std::size_t i = slot.word.hash() & mask_;
      while (slots_[i].id != kNoId) i = (i + 1) & mask_;
      slots_[i] = slot;
    }
  }
  const ShortWord key(word);
  std::size_t i = key.hash() & mask_;
  while (slots_[i].id != kNoId && !(slots_[i].word == key)) i = (i + 1) & mask_;
  size_ += slots_[i].id == kNoId;
  slots_[i] = {key, id};
}

}  // namespace temper::data::tokenizers
