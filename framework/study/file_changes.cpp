// See file_changes.h.
#include "study/file_changes.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace temper::study {

namespace {

// Equal for trials that stand in the same place of two versions of a file.
std::string place_of(const std::string& strategy, const std::optional<std::int64_t>& seed, std::vector<std::pair<std::string, Value>> swept) {
  std::sort(swept.begin(), swept.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return to_json(Value(Value::Array{strategy, seed ? Value(*seed) : Value(), Value(Value::Table(swept.begin(), swept.end()))}));
}

}  // namespace

FileChanges file_changes(const Ledger& ledger, const std::vector<Trial>& trials) {
  FileChanges changes;
  std::unordered_set<std::string> now, known;
  for (const Trial& trial : trials) now.insert(trial.identity);
  std::unordered_map<std::string, const Ledger::Entry*> gone;  // by place
  std::vector<const Ledger::Entry*> all_gone;
  for (const Ledger::Entry& entry : ledger.entries()) {
    known.insert(entry.identity);
    if (!entry.is_planned || now.contains(entry.identity)) continue;
    all_gone.push_back(&entry);
    gone.emplace(place_of(entry.strategy, entry.seed, entry.swept), &entry);
  }
  std::unordered_set<const Ledger::Entry*> replaced;
  for (const Trial& trial : trials) {
    if (known.contains(trial.identity)) continue;
    const auto before = gone.empty() ? gone.end() : gone.find(place_of(trial.strategy, trial.seed, trial.swept_values()));
    if (before == gone.end() || !replaced.insert(before->second).second) {
      ++changes.added;
    } else {
      changes.changed.push_back({before->second, &trial});
    }
  }
  for (const Ledger::Entry* entry : all_gone)
    if (!replaced.contains(entry)) changes.removed.push_back(entry);
  return changes;
}

}  // namespace temper::study
