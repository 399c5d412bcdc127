// events.jsonl: what happens in a trial, a JSON line each, appended as it happens; the truth while a trial runs. The format is in
// docs/formats/events.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "record/trial_record.h"

namespace temper::record {

struct TrialStarted {
  std::int64_t trial = 0;  // its number
  std::string strategy;
  std::int64_t seed = 0;
  std::string identity;
};
struct PhaseStarted {
  std::int64_t phase = 0;  // index; rows refer to it
  std::string name;
  std::int64_t first_step = 0;  // steps taken before it
  std::int64_t steps = 0;       // that it will take, if nothing stops it; 0: unknown
};
// A row of TrainingCurves.
struct StepRow {
  std::int64_t step = 0;
  double epoch = 0;
  double seconds = 0;
  std::int64_t tokens = 0;
  double learning_rate = 0;
  double loss = 0;
  double grad_norm = 0;
  std::int64_t phase = 0;
};
// A row of EvaluationCurves: `values` are the columns by name, e.g. {"train_loss", 0.7}, {"validation_accuracy", 0.6}.
struct EvaluationRow {
  std::int64_t step = 0;
  double epoch = 0;
  std::int64_t phase = 0;
  std::vector<std::pair<std::string, double>> values;
};
struct Warning { std::string text; };
struct Note { std::string text; };  // also what a user may like to see at once: "tokenizing 1000 items"
struct TrialFinished {
  std::string status;  // complete, pruned, failed, diverged
  std::string error;
};

using Event = std::variant<TrialStarted, PhaseStarted, StepRow, EvaluationRow, Warning, Note, TrialFinished>;

// Appends. Each line is in the file, whole, when `append` returns (one write each): a killed process loses none; `sync` makes
// them survive a power cut.
class EventLog {
 public:
  // A new file; one that is there is replaced.
  static EventLog create(const std::filesystem::path& file);
  // Goes on with a file whose first `offset` bytes are to be kept (what a snapshot recorded); the rest is cut off. Throws Error
  // when the file is shorter, or `offset` is not at the end of a line.
  static EventLog resume(const std::filesystem::path& file, std::int64_t offset);
  EventLog(EventLog&& other) noexcept;
  EventLog& operator=(EventLog&& other) noexcept;
  ~EventLog();

  void append(const Event& event);
  void sync();
  std::int64_t offset() const { return offset_; }  // bytes so far

 private:
  EventLog(int descriptor, std::string file, std::int64_t offset) : descriptor_(descriptor), file_(std::move(file)), offset_(offset) {}
  void write_line(const std::string& line);
  int descriptor_ = -1;
  std::string file_;
  std::int64_t offset_ = 0;
};

// Reads what is there, and later what was added since: for progress, the live page and the coordinator.
class EventReader {
 public:
  explicit EventReader(std::filesystem::path file) : file_(std::move(file)) {}
  // Events of the whole lines after the last call. A last line without its end is left for the next call; a file that is
  // absent gives none; one that was cut (a resume) is read again from its beginning, with `restarted` true. Throws Error for a
  // line that is no event, and for a file of another format or a newer version.
  std::vector<Event> poll();
  std::int64_t offset() const { return offset_; }      // end of the last whole line
  bool restarted() const { return restarted_; }        // whether the last poll began again: forget earlier events

 private:
  std::filesystem::path file_;
  std::int64_t offset_ = 0;
  std::int64_t line_ = 0;
  std::string last_line_;
  bool restarted_ = false;
};

// All whole lines of a file.
std::vector<Event> read_events(const std::filesystem::path& file);

// The columns that the events tell of; empty optionals where there is no row of the kind.
struct Curves {
  std::optional<TrainingCurves> training;
  std::optional<EvaluationCurves> evaluation;
};
Curves curves_of(const std::vector<Event>& events);

// Puts the curves of `events` into the record of a trial that broke off or still runs. A file that is absent adds nothing; one
// that is damaged adds nothing but a line to `record.error`: a failure is recorded whatever else is broken.
void add_curves(TrialRecord& record, const std::filesystem::path& events);

}  // namespace temper::record
