// The key of an item, and examples packed into batches.
#include <temper/example.h>

#include <xxhash.h>

namespace temper {

std::uint64_t item_key(std::string_view id) { return XXH3_64bits(id.data(), id.size()); }

std::uint64_t part_key(std::uint64_t item, std::uint64_t part) { return part == 0 ? item : XXH3_64bits_withSeed(&part, sizeof part, item); }

void append(Batch& batch, const Example& example) {
  if (example.parts.empty()) {
    batch.append(example.ids, example.type_ids, example.key);
    return;
  }
  const auto cut = [](const std::vector<std::int32_t>& all, std::size_t begin, std::size_t end) {
    return all.empty() ? all : std::vector<std::int32_t>(all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(end));
  };
  for (std::size_t p = 0; p < example.parts.size(); ++p) {
    const auto begin = static_cast<std::size_t>(example.parts[p].begin);
    const std::size_t end = p + 1 < example.parts.size() ? static_cast<std::size_t>(example.parts[p + 1].begin) : example.ids.size();
    batch.append(cut(example.ids, begin, end), cut(example.type_ids, begin, end), example.parts[p].key);
  }
}

}  // namespace temper
