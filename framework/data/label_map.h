// In which order a task's labels become classes, given what a checkpoint already calls its classes.
#pragma once

#include <string>
#include <vector>

#include "data/model_folder.h"

namespace temper::data {

enum class LabelOrder {
  kData,              // the data's own sorted order; a head of the checkpoint does not apply
  kCheckpoint,        // the checkpoint names the same labels: its order, its head fits
  kCheckpointNumbers  // the data's labels are numbers of the checkpoint's classes: its head fits
};

struct LabelMap {
  std::vector<std::string> labels;  // names as the data spells them, by class index
  LabelOrder order = LabelOrder::kData;
};

// `data_labels` are the sorted labels of the data (Splits::labels). `has_head`: the checkpoint holds a trained classifier. With
// one, the first of these that fits: the same names in the checkpoint's order (upper and lower case may differ); the data's labels
// are numbers of its classes, 0 to C - 1; and, as without a head, the data's own order.
LabelMap map_labels(const std::vector<std::string>& data_labels, const ModelFolder& checkpoint, bool has_head);

}  // namespace temper::data
