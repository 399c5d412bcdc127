// The split that holds its rows.
#include <temper/dataset.h>

namespace temper {

void RowsInMemory::add(Item item, Targets targets, std::int64_t line) {
  rows_.push_back({std::move(item), std::move(targets), line});
}

}  // namespace temper
