// The progress of a running study as text. Pure functions: the caller holds the state and prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "record/event_log.h"
#include "report/terminal.h"

namespace temper::report {

struct Progress {
  std::int64_t trials_total = 0, trials_done = 0, trials_failed = 0;  // done includes failed
  double elapsed_seconds = 0;
  // The trial that runs now; 0: none.
  std::int64_t trial = 0;
  std::string label;           // "lora, learning_rate 5e-05"
  std::string activity;        // what it does when it is not training: "predicting", or a note of its log
  std::int64_t step = 0, steps = 0;  // steps 0: unknown
  double loss = record::kNaN;
  double validation_loss = record::kNaN;
};

// Takes up an event of the running trial.
void update(Progress& progress, const record::Event& event);

// Seconds until the end, if all trials take as long as those done so far and the present one goes on as it does; nothing
// before there is anything to tell from.
std::optional<double> seconds_left(const Progress& progress);

// "trial 3 of 18: lora, learning_rate 5e-05, step 40/189, loss 0.912, about 4 min left", cut to the terminal's width.
std::string progress_line(const Progress& progress, const Terminal& terminal);
// The characters that put `line` in place of the last one on a terminal, and that remove it before other output.
std::string rewrite_line(const std::string& line);
std::string clear_line();

// "8 s", "4 min", "2 h 05 min"
std::string duration(double seconds);

}  // namespace temper::report
