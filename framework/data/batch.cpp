// Packing a sequence behind those that are there.
#include <temper/batch.h>

#include <numeric>

#include <temper/error.h>

namespace temper {

void Batch::append(const std::vector<std::int32_t>& sequence, const std::vector<std::int32_t>& type_ids, std::uint64_t item, std::int32_t first_position) {
  if (sequence.empty()) throw Error("a sequence without tokens cannot be packed");
  if (!type_ids.empty() && type_ids.size() != sequence.size())
    throw Error("a sequence of " + std::to_string(sequence.size()) + " tokens has " + std::to_string(type_ids.size()) + " token type ids");
  if (starts.empty()) starts.push_back(0);
  const std::size_t begin = ids.size();
  ids.insert(ids.end(), sequence.begin(), sequence.end());
  positions.resize(ids.size());
  std::iota(positions.begin() + static_cast<std::ptrdiff_t>(begin), positions.end(), first_position);
  if (type_ids.empty()) segments.resize(ids.size(), 0);
  else segments.insert(segments.end(), type_ids.begin(), type_ids.end());
  starts.push_back(static_cast<std::int32_t>(ids.size()));
  items.push_back(item);
}

}  // namespace temper
