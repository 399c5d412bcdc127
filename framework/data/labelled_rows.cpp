// One pass over the targets.
#include <temper/labelled_rows.h>

namespace temper {

std::vector<LabelledRow> labelled_rows(const Split& split) {
  std::vector<LabelledRow> rows;
  for (std::size_t row = 0; row < split.size(); ++row) {
    for (const Target& target : split.targets(row)) {
      const auto* label = std::get_if<Label>(&target);
      if (!label) continue;
      rows.push_back({row, label->name});
      break;
    }
  }
  return rows;
}

}  // namespace temper
