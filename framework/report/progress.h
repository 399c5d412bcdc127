// The progress of a running study as text. Pure functions: the caller holds the state and prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "record/event_log.h"
#include "record/trial_record.h"
#include "report/terminal.h"

namespace temper::report {

struct Progress {
  std::int64_t trials_total = 0;
  std::int64_t trials_done = 0;     // ended in whatever way
  std::int64_t trials_earlier = 0;  // of those done, what an earlier run of the study has done
  double elapsed_seconds = 0;       // of this run
  // The trial that runs now.
  std::string label;                 // "lora, learning_rate 5e-5"; empty: none runs
  std::string activity;              // what it does when it takes no steps: "predicting"
  std::int64_t step = 0, steps = 0;  // steps 0: unknown
  double loss = record::kNaN;
  double validation_loss = record::kNaN;
};

// Takes up an event of the running trial. The caller counts trials and time.
void update(Progress& progress, const record::Event& event);

// Seconds until the end, if the other trials take as long as those done and the present one goes on as it does; nothing while
// there is nothing to tell from.
std::optional<double> seconds_left(const Progress& progress);

// "[3/18] lora, learning_rate 5e-5 | step 40 of 189 | loss 0.912 | about 4 min left", cut to the terminal's width.
std::string progress_line(const Progress& progress, const Terminal& terminal);
// Where no line can be rewritten, one line per trial that has ended:
// "[3/18] lora, learning_rate 5e-5: complete, good, validation_loss 0.7012, accuracy 0.746 ± 0.014 (12 s)"
std::string ended_line(const Progress& progress, const record::TrialRecord& trial, const std::string& objective, double seconds);

// The characters that put `line` in place of the present line of a terminal; rewrite_line("") removes it before other output.
std::string rewrite_line(const std::string& line);

}  // namespace temper::report
