// Strings to numbers, found by walking a text byte by byte: all keys that a text begins with cost one pass.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace temper::data::tokenizers {

class ByteTrie {
 public:
  ByteTrie() = default;
  // Of equal keys the last holds; empty keys are left out.
  explicit ByteTrie(std::vector<std::pair<std::string_view, std::int32_t>> keys);
  bool empty() const { return nodes_.empty(); }

  // Calls use(bytes, value) for every key that `text` begins with, the shortest first.
  template <class Use>
  void each_prefix(std::string_view text, const Use& use) const {
    if (text.empty() || nodes_.empty()) return;
    std::uint32_t node = root_[static_cast<unsigned char>(text[0])];
    for (std::size_t size = 1; node != 0; ++size) {
      if (nodes_[node].value >= 0) use(size, nodes_[node].value);
      if (size == text.size()) return;
      node = child(node, static_cast<unsigned char>(text[size]));
    }
  }
  // Bytes of the longest key that `text` begins with; 0 for none.
  std::size_t longest(std::string_view text) const {
    std::size_t found = 0;
    each_prefix(text, [&](std::size_t size, std::int32_t) { found = size; });
    return found;
  }

 private:
  struct Node {
    std::uint32_t first = 0, count = 0;  // its edges
    std::int32_t value = -1;
  };
  std::uint32_t child(std::uint32_t node, unsigned char byte) const {
    const Node& from = nodes_[node];
    if (from.count > 16) {  // sorted
      std::uint32_t low = from.first, high = from.first + from.count;
      while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (labels_[middle] < byte) low = middle + 1;
        else high = middle;
      }
      return low < from.first + from.count && labels_[low] == byte ? targets_[low] : 0;
    }
    for (std::uint32_t i = from.first; i < from.first + from.count; ++i) {
      if (labels_[i] == byte) return targets_[i];
    }
    return 0;
  }
  std::vector<Node> nodes_;  // 0 is the root
  std::vector<unsigned char> labels_;
  std::vector<std::uint32_t> targets_;
  std::array<std::uint32_t, 256> root_{};
};

}  // namespace temper::data::tokenizers
