// Names and small helpers of a trial's record; the file is written and read in trial_file_write.cpp and trial_file_read.cpp.
#include "record/trial_record.h"

#include <cstdio>

namespace temper::record {

const Column* EvaluationCurves::find(const std::string& name) const {
  for (const Column& column : columns)
    if (column.name == name) return &column;
  return nullptr;
}

std::string trial_name(std::int64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%04lld", static_cast<long long>(number));
  return text;
}

}  // namespace temper::record
