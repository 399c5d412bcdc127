// trials.json in a study's folder: which trial has which number, and what was chosen when the study was first planned. Numbers are
// never reused, so that a changed experiment file renumbers nothing. A copy lies beside it: no other file has these numbers as a whole.
// Format: docs/formats/trials.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "study/trial.h"

namespace temper::study {

class Ledger {
 public:
  struct Entry {
    std::int64_t number = 0;
    std::string identity;
    std::string strategy;
    std::optional<std::int64_t> seed;
    std::vector<std::pair<std::string, Value>> swept;  // path and value, as last planned: for a person
    bool is_planned = true;  // false: the experiment file no longer has it; its results are kept
  };

  // The ledger of a study's folder; an empty one when there is none. Where the file lacks or is damaged its copy is taken, and where both
  // are, what the trials' folders tell. Throws Error for a file of a newer temper.
  static Ledger read(const std::filesystem::path& study_folder);
  // What had to be mended, for the user; empty where all is well.
  const std::string& note() const { return note_; }
  // Atomically, then its copy. The folder must exist.
  void write(const std::filesystem::path& study_folder) const;

  // Gives each trial the number that its identity has, or the next free one, and keeps those that are gone, marked.
  void plan(std::vector<Trial>& trials);
  // Whether anything changed since it was read: otherwise nothing need be written.
  bool is_changed() const { return is_changed_ || !is_copied_ || created != read_created_ || threads != read_threads_ || inputs != read_inputs_; }

  const std::vector<Entry>& entries() const { return entries_; }  // by number
  bool is_new() const { return entries_.empty(); }

  std::string created;                   // ISO 8601; set by the caller when the study is first planned
  std::optional<std::int64_t> threads;   // the same
  std::map<std::string, std::string> inputs;  // Study::inputs when the study was last planned, set by the caller: to tell what changed since

 private:
  static Ledger parse(const std::filesystem::path& file, const std::string& text);
  std::int64_t free_number(std::size_t planned) const;

  std::vector<Entry> entries_;
  std::string note_;
  bool is_rebuilt_ = false;  // from the trials' folders: trials that had not begun may have had any number
  bool is_copied_ = true;    // the copy is what the file is
  bool is_changed_ = false;  // by `plan`
  std::string read_created_;
  std::optional<std::int64_t> read_threads_;
  std::map<std::string, std::string> read_inputs_;
};

inline constexpr const char* kLedgerFile = "trials.json";
inline constexpr const char* kLedgerCopy = "trials.copy.json";

}  // namespace temper::study
