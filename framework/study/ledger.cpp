// See ledger.h.
#include "study/ledger.h"

#include "data/atomic_file.h"

#include <temper/error.h>

#include <algorithm>
#include <unordered_map>

namespace temper::study {

namespace {

constexpr const char* kFormat = "temper-trials";
constexpr std::int64_t kVersion = 1;

Value to_value(const Ledger::Entry& entry) {
  Value::Table swept(entry.swept.begin(), entry.swept.end());
  Value result = Value::Table{{"number", entry.number}, {"identity", entry.identity}, {"strategy", entry.strategy}};
  if (entry.seed) result.set("seed", *entry.seed);
  result.set("swept", std::move(swept));
  result.set("planned", entry.is_planned);
  return result;
}

const Value& member(const Value& table, const std::string& key) {
  if (const Value* value = table.find(key)) return *value;
  throw Error(std::vector<Problem>{{table.place, "\"" + key + "\" is missing", {}}});
}

Ledger::Entry entry_from_value(const Value& value) {
  Ledger::Entry entry;
  value.as_table();
  entry.number = member(value, "number").as_integer();
  entry.identity = member(value, "identity").as_string();
  entry.strategy = member(value, "strategy").as_string();
  if (const Value* seed = value.find("seed")) entry.seed = seed->as_integer();
  const Value::Table& swept = member(value, "swept").as_table();
  entry.swept.assign(swept.begin(), swept.end());
  entry.is_planned = member(value, "planned").as_bool();
  return entry;
}

std::vector<std::pair<std::string, Value>> swept_values(const Trial& trial) {
  std::vector<std::pair<std::string, Value>> values;
  const std::vector<std::string> paths = trial.swept_parameters();
  for (const auto& parameter : trial.parameters())
    if (std::find(paths.begin(), paths.end(), parameter.first) != paths.end()) values.push_back(parameter);
  return values;
}

}  // namespace

Ledger Ledger::read(const std::filesystem::path& study_folder) {
  Ledger ledger;
  const std::filesystem::path file = study_folder / kLedgerFile;
  if (!std::filesystem::exists(file)) return ledger;
  try {
    const Value document = parse_json(data::read_file(file), file.string());
    document.as_table();
    if (member(document, "format").as_string() != kFormat) throw Error(file.string() + " is no list of trials", "it must say \"format\": \"" + std::string(kFormat) + '"');
    const std::int64_t version = member(document, "version").as_integer();
    if (version != kVersion) throw Error(file.string() + " has version " + std::to_string(version) + ", this temper reads " + std::to_string(kVersion));
    ledger.created = member(document, "created").as_string();
    if (const Value* threads = document.find("threads")) ledger.threads = threads->as_integer();
    ledger.read_created_ = ledger.created;
    ledger.read_threads_ = ledger.threads;
    std::int64_t last = 0;
    for (const Value& trial : member(document, "trials").as_array()) {
      ledger.entries_.push_back(entry_from_value(trial));
      if (ledger.entries_.back().number <= last) throw Error(std::vector<Problem>{{trial.place, "numbers of trials must rise", {}}});
      last = ledger.entries_.back().number;
    }
  } catch (const Error& error) {
    throw Error(file.string() + " is damaged: " + error.what(), "restore it, or run with --fresh to begin the study again");
  }
  return ledger;
}

void Ledger::write(const std::filesystem::path& study_folder) const {
  std::string text = "{\n  \"format\": \"" + std::string(kFormat) + "\",\n  \"version\": " + std::to_string(kVersion) +
                     ",\n  \"created\": " + to_json(created);
  if (threads) text += ",\n  \"threads\": " + std::to_string(*threads);
  text += ",\n  \"trials\": [";
  for (std::size_t i = 0; i < entries_.size(); ++i) text += (i ? ",\n    " : "\n    ") + to_json(to_value(entries_[i]));
  text += "\n  ]\n}\n";
  data::write_file_atomically(study_folder / kLedgerFile, text);
}

void Ledger::plan(std::vector<Trial>& trials) {
  std::unordered_map<std::string, std::size_t> by_identity;
  for (std::size_t i = 0; i < entries_.size(); ++i) by_identity[entries_[i].identity] = i;
  std::vector<bool> is_planned(entries_.size());
  for (Trial& trial : trials) {
    const auto [known, is_new] = by_identity.try_emplace(trial.identity, entries_.size());
    if (is_new) {
      Entry entry;
      entry.number = entries_.empty() ? 1 : entries_.back().number + 1;
      entry.identity = trial.identity;
      entries_.push_back(std::move(entry));
      is_planned.push_back(true);
      is_changed_ = true;
    }
    Entry& entry = entries_[known->second];
    const Entry before = entry;
    entry.strategy = trial.strategy;
    entry.seed = trial.seed;
    entry.swept = swept_values(trial);
    if (before.swept != entry.swept) is_changed_ = true;
    is_planned[known->second] = true;
    trial.number = entry.number;
  }
  for (Trial& trial : trials) {
    if (!trial.base || trial.base->is_best) continue;
    const auto known = by_identity.find(trial.base->candidates.front());
    if (known != by_identity.end()) trial.base->number = entries_[known->second].number;
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].is_planned != is_planned[i]) is_changed_ = true;
    entries_[i].is_planned = is_planned[i];
  }
}

}  // namespace temper::study
