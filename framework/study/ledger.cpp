// See ledger.h.
#include "study/ledger.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <unordered_map>

#include <temper/error.h>

#include "data/atomic_file.h"
#include "record/event_line.h"
#include "record/trial_record.h"

namespace temper::study {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFormat = "temper-trials";
constexpr std::int64_t kVersion = 1;
constexpr const char* kBeginAgain = "run it with that temper, or with --fresh to begin the study again";

// No damage: nothing may be put in its place.
struct NewerLedger : Error {
  using Error::Error;
};

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

// What an entry needs, of the trial's record; else of the beginning of its events. Nothing where neither tells.
std::optional<Ledger::Entry> entry_of_folder(const fs::path& folder) {
  Ledger::Entry entry;
  try {
    const record::TrialRecord record = record::read_trial(folder / "trial.h5");
    entry.identity = record.identity;
    entry.strategy = record.strategy;
    return entry;
  } catch (const Error&) {
    // It has not ended, or its record is damaged.
  }
  std::ifstream events(folder / "events.jsonl", std::ios::binary);
  std::string header, started;
  if (!std::getline(events, header) || !std::getline(events, started) || events.eof()) return std::nullopt;
  try {
    const record::Event event = record::from_line(started, (folder / "events.jsonl").string() + ":2");
    const auto* begun = std::get_if<record::TrialStarted>(&event);
    if (!begun) return std::nullopt;
    entry.identity = begun->identity;
    entry.strategy = begun->strategy;
    return entry;
  } catch (const Error&) {
    return std::nullopt;
  }
}

// By number. A number that is not told is of a trial that left nothing worth keeping.
std::vector<Ledger::Entry> entries_of_trials(const fs::path& trials) {
  std::vector<Ledger::Entry> entries;
  std::error_code none;
  for (const fs::directory_entry& folder : fs::directory_iterator(trials, none)) {
    const std::string name = folder.path().filename().string();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || end != name.data() + name.size() || number < 1 || record::trial_name(number) != name) continue;
    std::optional<Ledger::Entry> entry = entry_of_folder(folder.path());
    if (!entry) continue;
    entry->number = number;
    entries.push_back(std::move(*entry));
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return entries;
}

// The threads that the study was last run with: they are part of the resolved file.
std::optional<std::int64_t> resolved_threads(const fs::path& file) {
  try {
    const Value document = parse_toml(data::read_file(file), file.string());
    const Value* threads = document.find("threads");
    return threads && threads->is_integer() && threads->as_integer() > 0 ? std::optional(threads->as_integer()) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

// One file of the two, as text.
struct LedgerText {
  std::string text;
  bool is_there = false;
};

LedgerText read_text(const fs::path& file) {
  if (!fs::exists(file)) return {};
  return {data::read_file(file), true};
}

}  // namespace

Ledger Ledger::parse(const fs::path& file, const std::string& text) {
  Ledger ledger;
  const Value document = parse_json(text, file.string());
  document.as_table();
  if (member(document, "format").as_string() != kFormat) throw Error(file.string() + " is no list of trials: it must say \"format\": \"" + std::string(kFormat) + '"');
  const std::int64_t version = member(document, "version").as_integer();
  if (version > kVersion) throw NewerLedger(file.string() + " has version " + std::to_string(version) + ", this temper reads " + std::to_string(kVersion), kBeginAgain);
  ledger.created = member(document, "created").as_string();
  if (const Value* threads = document.find("threads")) ledger.threads = threads->as_integer();
  ledger.read_created_ = ledger.created;
  ledger.read_threads_ = ledger.threads;
  if (const Value* inputs = document.find("inputs"))
    for (const auto& [path, hash] : inputs->as_table()) ledger.inputs[path] = hash.as_string();
  ledger.read_inputs_ = ledger.inputs;
  std::int64_t last = 0;
  for (const Value& trial : member(document, "trials").as_array()) {
    ledger.entries_.push_back(entry_from_value(trial));
    if (ledger.entries_.back().number <= last) throw Error(std::vector<Problem>{{trial.place, "numbers of trials must rise", {}}});
    last = ledger.entries_.back().number;
  }
  return ledger;
}

Ledger Ledger::read(const fs::path& study_folder) {
  const fs::path file = study_folder / kLedgerFile, copy = study_folder / kLedgerCopy;
  const LedgerText first = read_text(file), second = read_text(copy);
  if (!first.is_there && !second.is_there) return {};
  std::string damage;
  try {
    if (!first.is_there) throw Error(file.string() + " is missing");
    Ledger ledger = parse(file, first.text);
    ledger.is_copied_ = second.text == first.text;
    return ledger;
  } catch (const NewerLedger&) {
    throw;
  } catch (const Error& error) {
    damage = first.is_there ? file.string() + " is damaged (" + error.problems().front().what + ")" : error.what();
  }
  Ledger ledger;
  try {
    ledger = parse(copy, second.text);
    ledger.note_ = damage + ": its copy is taken";
  } catch (const NewerLedger&) {
    throw;
  } catch (const Error&) {
    ledger.entries_ = entries_of_trials(study_folder / "trials");
    ledger.threads = resolved_threads(study_folder / "experiment.resolved.toml");
    ledger.is_rebuilt_ = true;
    ledger.note_ = damage + ", and so is its copy: numbers are taken from the trials' folders, of which " + std::to_string(ledger.entries_.size()) + " tell theirs";
  }
  ledger.is_copied_ = false;
  return ledger;
}

void Ledger::write(const std::filesystem::path& study_folder) const {
  std::string text = "{\n  \"format\": \"" + std::string(kFormat) + "\",\n  \"version\": " + std::to_string(kVersion) +
                     ",\n  \"created\": " + to_json(created);
  if (threads) text += ",\n  \"threads\": " + std::to_string(*threads);
  if (!inputs.empty()) text += ",\n  \"inputs\": " + to_json(Value(Value::Table(inputs.begin(), inputs.end())));
  text += ",\n  \"trials\": [";
  for (std::size_t i = 0; i < entries_.size(); ++i) text += (i ? ",\n    " : "\n    ") + to_json(to_value(entries_[i]));
  text += "\n  ]\n}\n";
  data::write_file_atomically(study_folder / kLedgerFile, text);
  data::write_file_atomically(study_folder / kLedgerCopy, text);
}

// For a trial that has none. After a rebuild the place in the plan comes first: numbers were given in that order, and a study that nobody
// changed then has its old ones.
std::int64_t Ledger::free_number(std::size_t planned) const {
  if (entries_.empty()) return 1;
  if (!is_rebuilt_) return entries_.back().number + 1;
  const std::int64_t wanted = static_cast<std::int64_t>(planned) + 1;
  if (std::none_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.number == wanted; })) return wanted;
  return std::max_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.number < b.number; })->number + 1;
}

void Ledger::plan(std::vector<Trial>& trials) {
  std::unordered_map<std::string, std::size_t> by_identity;
  for (std::size_t i = 0; i < entries_.size(); ++i) by_identity[entries_[i].identity] = i;
  std::vector<bool> is_planned(entries_.size());
  for (Trial& trial : trials) {
    const auto [known, is_new] = by_identity.try_emplace(trial.identity, entries_.size());
    if (is_new) {
      Entry entry;
      entry.number = free_number(static_cast<std::size_t>(&trial - trials.data()));
      entry.identity = trial.identity;
      entries_.push_back(std::move(entry));
      is_planned.push_back(true);
      is_changed_ = true;
    }
    Entry& entry = entries_[known->second];
    const Entry before = entry;
    entry.strategy = trial.strategy;
    entry.seed = trial.seed;
    entry.swept = trial.swept_values();
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
  if (is_rebuilt_) std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.number < b.number; });
}

}  // namespace temper::study
