// Building a ByteTrie, level by level, from sorted keys.
#include "data/tokenizers/byte_trie.h"

#include <algorithm>

namespace temper::data::tokenizers {

ByteTrie::ByteTrie(std::vector<std::pair<std::string_view, std::int32_t>> keys) {
  std::erase_if(keys, [](const auto& key) { return key.first.empty(); });
  if (keys.empty()) return;
  std::stable_sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  struct Task {  // keys [begin, end) share their first `depth` bytes, which lead to `node`
    std::size_t begin, end, depth;
    std::uint32_t node;
  };
  nodes_.emplace_back();
  std::vector<Task> level{{0, keys.size(), 0, 0}}, next;
  while (!level.empty()) {
    next.clear();
    for (Task task : level) {
      while (task.begin < task.end && keys[task.begin].first.size() == task.depth) nodes_[task.node].value = keys[task.begin++].second;
      nodes_[task.node].first = static_cast<std::uint32_t>(labels_.size());
      while (task.begin < task.end) {
        const unsigned char byte = static_cast<unsigned char>(keys[task.begin].first[task.depth]);
        std::size_t end = task.begin + 1;
        while (end < task.end && static_cast<unsigned char>(keys[end].first[task.depth]) == byte) ++end;
        const std::uint32_t node = static_cast<std::uint32_t>(nodes_.size());
        nodes_.emplace_back();
        labels_.push_back(byte);
        targets_.push_back(node);
        ++nodes_[task.node].count;
        if (task.node == 0) root_[byte] = node;
        next.push_back({task.begin, end, task.depth + 1, node});
        task.begin = end;
      }
    }
    level.swap(next);
  }
}

}  // namespace temper::data::tokenizers
