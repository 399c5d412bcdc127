// Names and small helpers of a trial's record; the file is written and read in trial_file_write.cpp and trial_file_read.cpp.
#include "record/trial_record.h"

#include <cstdio>

#include <temper/error.h>

#include "evaluation/item_statistics.h"

namespace temper::record {

const Column* EvaluationCurves::find(const std::string& name) const {
  for (const Column& column : columns)
    if (column.name == name) return &column;
  return nullptr;
}

StatisticsRecord statistics_record(const std::string& metric, const evaluation::ItemStatistics& statistics) {
  StatisticsRecord record{metric, static_cast<std::int64_t>(statistics.size()), {}, {}, true, {}};
  for (std::size_t row = 0; row < statistics.distinct_rows(); ++row) {
    const std::span<const double> values = statistics.distinct(row);
    record.rows.insert(record.rows.end(), values.begin(), values.end());
  }
  for (std::size_t item = 0; item < statistics.items(); ++item)
    record.row_of_item.push_back(static_cast<std::int64_t>(statistics.row_of_item(item)));
  return record;
}

evaluation::ItemStatistics item_statistics(const StatisticsRecord& record) {
  const auto size = static_cast<std::size_t>(record.size);
  const std::size_t rows = size == 0 ? 0 : record.rows.size() / size;
  evaluation::ItemStatistics statistics(size);
  for (const std::int64_t row : record.row_of_item) {
    if (row < 0 || static_cast<std::size_t>(row) >= rows)
      throw Error("statistics of " + record.metric + ": there is no row " + std::to_string(row) + ", only " + std::to_string(rows));
    statistics.add(std::span(record.rows).subspan(static_cast<std::size_t>(row) * size, size));
  }
  return statistics;
}

std::string trial_name(std::int64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%04lld", static_cast<long long>(number));
  return text;
}

}  // namespace temper::record
