// The order of labels, alone and against a checkpoint's.
#include "data/label_map.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>

#include "data/label_order.h"

namespace temper::data {

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// The data's labels in the order of the checkpoint's, names compared as `spell` gives them; empty when they are not the same set.
std::vector<std::string> in_order_of(const std::vector<std::string>& checkpoint, const std::vector<std::string>& data, std::string (*spell)(std::string)) {
  if (checkpoint.size() != data.size()) return {};
  std::map<std::string, std::string> by_spelling;
  for (const std::string& label : data) by_spelling.emplace(spell(label), label);
  std::vector<std::string> ordered;
  for (const std::string& label : checkpoint) {
    const auto found = by_spelling.find(spell(label));
    if (found == by_spelling.end()) return {};
    ordered.push_back(found->second);
    by_spelling.erase(found);
  }
  return by_spelling.empty() ? ordered : std::vector<std::string>();
}

// Labels "0" .. "C - 1" by class, when all of the data's are such numbers.
std::vector<std::string> by_number(std::size_t classes, const std::vector<std::string>& data) {
  std::vector<std::string> ordered;
  for (std::size_t i = 0; i < classes; ++i) ordered.push_back(std::to_string(i));
  for (const std::string& label : data)
    if (std::find(ordered.begin(), ordered.end(), label) == ordered.end()) return {};
  return ordered;
}

}  // namespace

std::optional<std::int64_t> integer_label(std::string_view label) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), number);
  if (error != std::errc() || end != label.data() + label.size()) return std::nullopt;
  return number;
}

std::vector<std::string> sorted_labels(const std::set<std::string>& labels) {
  std::vector<std::string> sorted(labels.begin(), labels.end());
  const bool are_numbers = std::all_of(sorted.begin(), sorted.end(), [](const std::string& l) { return integer_label(l).has_value(); });
  if (are_numbers) std::stable_sort(sorted.begin(), sorted.end(), [](const std::string& a, const std::string& b) { return *integer_label(a) < *integer_label(b); });
  return sorted;
}

LabelMap map_labels(const std::vector<std::string>& data_labels, const ModelFolder& checkpoint, bool has_head) {
  if (has_head) {
    if (!checkpoint.labels_are_generic)
      for (const auto spell : {+[](std::string text) { return text; }, &lower})
        if (auto ordered = in_order_of(checkpoint.labels, data_labels, spell); !ordered.empty()) return {std::move(ordered), LabelOrder::kCheckpoint};
    if (auto ordered = by_number(checkpoint.labels.size(), data_labels); !ordered.empty() && !data_labels.empty())
      return {std::move(ordered), LabelOrder::kCheckpointNumbers};
  }
  return {data_labels, LabelOrder::kData};
}

}  // namespace temper::data
