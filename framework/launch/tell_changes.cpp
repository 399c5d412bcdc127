// See tell_changes.h.
#include "launch/tell_changes.h"

#include <algorithm>
#include <map>

#include <temper/error.h>

#include "launch/study_folder.h"
#include "record/trial_record.h"
#include "study/file_changes.h"

namespace temper::launch {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostOptions = 5;  // that a line names

using Parameters = std::vector<std::pair<std::string, Value>>;

const Value* find(const Parameters& parameters, const std::string& path) {
  const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const auto& parameter) { return parameter.first == path; });
  return found == parameters.end() ? nullptr : &found->second;
}

// A record stores tables and mixed lists as JSON.
bool is_equal(const Value& stored, const Value& now) {
  return stored == now || (stored.is_number() && now.is_number() && stored.as_number() == now.as_number()) || (stored.is_string() && stored.as_string() == to_json(now));
}

std::vector<std::string> changed_options(const Parameters& before, const Parameters& now) {
  std::vector<std::string> texts;
  for (const auto& [path, value] : before) {
    const Value* other = find(now, path);
    if (!other) texts.push_back(path + " was " + study::shown(value) + " and is not there");
    else if (!is_equal(value, *other)) texts.push_back(path + " was " + study::shown(value) + " and is " + study::shown(*other));
  }
  for (const auto& [path, value] : now)
    if (!value.is_null() && !find(before, path)) texts.push_back(path + " is " + study::shown(value) + " and was not there");
  return texts;
}

std::vector<std::string> changed_contents(const Parameters& parameters, const std::map<std::string, std::string>& before, const std::map<std::string, std::string>& now) {
  std::vector<std::string> texts;
  for (const auto& [option, value] : parameters) {
    if (!value.is_string()) continue;
    const auto old = before.find(value.as_string()), own = now.find(value.as_string());
    if (old != before.end() && own != now.end() && old->second != own->second) texts.push_back("the contents of " + option + " (" + own->first + ")");
  }
  return texts;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string text;
  for (std::size_t i = 0; i < std::min(texts.size(), kMostOptions); ++i) text += (i ? "; " : "") + texts[i];
  if (texts.size() > kMostOptions) text += "; and " + std::to_string(texts.size() - kMostOptions) + " more";
  return text;
}

// What the record of the trial that was there tells; nothing where it broke off before it had one.
std::vector<std::string> reasons(const fs::path& folder, const study::Trial& now, const study::Ledger& before, const study::Study& study) {
  std::vector<std::string> texts;
  const Parameters parameters = now.parameters();
  try {
    if (fs::exists(folder / "trial.h5")) texts = changed_options(record::read_trial_head(folder / "trial.h5").parameters, parameters);
  } catch (const Error&) {
    // A damaged record tells nothing.
  }
  for (std::string& text : changed_contents(parameters, before.inputs, study.inputs)) texts.push_back(std::move(text));
  if (texts.empty()) texts.push_back(now.base ? "its options, the contents of its inputs, or what it goes on from" : "its options or the contents of its inputs");
  return texts;
}

bool has_something_to_lose(const fs::path& study_folder, const study::Ledger::Entry& entry) {
  study::Trial trial;
  trial.number = entry.number;
  trial.identity = entry.identity;
  const TrialState state = trial_state(study_folder, trial);
  return state.ended() || (state.status == record::kPending && state.has_snapshot);
}

}  // namespace

std::string ranges(const std::vector<std::int64_t>& rising) {
  std::string text;
  for (std::size_t i = 0; i < rising.size();) {
    std::size_t end = i + 1;
    while (end < rising.size() && rising[end] == rising[end - 1] + 1) ++end;
    text += (text.empty() ? "" : ", ") + std::to_string(rising[i]);
    if (end - i > 1) text += (end - i == 2 ? ", " : "-") + std::to_string(rising[end - 1]);
    i = end;
  }
  return text;
}

ChangesInWords tell_changes(const fs::path& study_folder, const study::Ledger& before, const study::Study& now) {
  const study::FileChanges changes = study::file_changes(before, now.trials);
  ChangesInWords words;
  std::map<std::string, std::vector<std::int64_t>> by_reason;
  std::vector<std::string> order;
  for (const study::ChangedTrial& change : changes.changed) {
    if (!has_something_to_lose(study_folder, *change.before)) continue;
    const std::string reason = joined(reasons(trial_folder(study_folder, change.before->number), *change.now, before, now));
    if (!by_reason.contains(reason)) order.push_back(reason);
    by_reason[reason].push_back(change.before->number);
  }
  for (const std::string& reason : order) {
    std::vector<std::int64_t>& numbers = by_reason[reason];
    std::sort(numbers.begin(), numbers.end());
    words.changed.push_back((numbers.size() == 1 ? "trial " : "trials ") + ranges(numbers) + " changed since " + (numbers.size() == 1 ? "it" : "they") + " ran: " + reason);
  }
  std::vector<std::int64_t> removed;
  for (const study::Ledger::Entry* entry : changes.removed) {
    if (fs::exists(trial_folder(study_folder, entry->number) / "trial.h5")) removed.push_back(entry->number);
  }
  if (!removed.empty())
    words.removed = (removed.size() == 1 ? "trial " : "trials ") + ranges(removed) + (removed.size() == 1 ? " is" : " are") + " no longer in the file: what " + (removed.size() == 1 ? "it" : "they") + " gave is kept, and marked in study.h5 and tables";
  return words;
}

void refuse_changes(const fs::path& study_folder, const ChangesInWords& changes) {
  Problems problems;
  for (std::size_t i = 0; i < changes.changed.size(); ++i) {
    const bool is_last = i + 1 == changes.changed.size();
    problems.add({study_folder.string()}, changes.changed[i],
                 is_last ? "--keep goes on: they run under new numbers, and their old results stay beside, marked. --fresh starts the study over. Another name = \"...\" keeps the studies apart" : "");
  }
  problems.throw_if_any();
}

}  // namespace temper::launch
