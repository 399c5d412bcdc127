// The key of an item.
#include <temper/example.h>

#include <xxhash.h>

namespace temper {

std::uint64_t item_key(std::string_view id) { return XXH3_64bits(id.data(), id.size()); }

}  // namespace temper
