// A trial: one strategy with one value for each option and one seed. Complete: a worker needs nothing else but the files it names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <temper/value.h>

namespace temper::study {

struct Trial {
  std::int64_t number = 0;           // from 1; 0 until the ledger has given it one
  std::string strategy;              // its name in the experiment
  std::optional<std::int64_t> seed;  // none when the strategy uses no seed
  std::string identity;              // 32 hexadecimal digits: hash of the options it reads, its seed and the contents of its inputs
  // { task, metrics, objective (where there is a validation split), device, threads (once chosen), dataset = {...},
  //   prompt, model, training (those that it reads), strategy = { plugin, name, its own options } }
  Value options;
  std::vector<std::string> swept;    // full paths of the options that were axes, as `parameters` names them

  // Full path and value of every option that is set, for HDF5: "task", "training.learning_rate", "dataset.limit.train", and for the
  // strategy's own "plugin", "lora.r". Without device and threads, which change how a trial runs and not what it is.
  std::vector<std::pair<std::string, Value>> parameters() const;
  // Throws Error when this trial does not read the table.
  const Value& table(const std::string& name) const;
  bool reads(const std::string& name) const { return options.find(name) != nullptr; }
};

// One line for a person: "lora, learning_rate 1e-05, lora.r 4, seed 1".
std::string describe(const Trial& trial);

// A value for a person: without quotes, and 3 rather than 3.0.
std::string shown(const Value& value);

// For the pipe to a worker, and back. The second throws Error naming what is missing or of the wrong type.
Value to_value(const Trial& trial);
Trial trial_from_value(const Value& value);

}  // namespace temper::study
