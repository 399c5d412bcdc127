// A trial: one strategy with one value for each option and one seed. Complete: a worker needs nothing else but the files it names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <temper/value.h>

namespace temper::study {

// The trial that another one goes on from, as the keys `from` and `from_best` of a strategy say.
struct Base {
  std::string strategy;                 // the name that was given
  bool is_best = false;                 // `from_best`: the best of `candidates`, chosen when all of them have ended
  std::vector<std::string> candidates;  // identities of the trials that it may be; a single one with `from`
  std::int64_t number = 0;              // of the trial itself: known with the numbers with `from`, once it is chosen with `from_best`
  // With `from`, options of that trial by full path, and which of them were axes. Tables that both read (dataset, prompt, model) are
  // the same in both and stand in the trial's own options alone.
  std::vector<std::pair<std::string, Value>> parameters;
  std::vector<std::string> swept;
};

struct Trial {
  std::int64_t number = 0;           // from 1; 0 until the ledger has given it one
  std::string strategy;              // its name in the experiment
  std::optional<std::int64_t> seed;  // none when the strategy uses no seed
  std::string identity;              // 32 hexadecimal digits: hash of the options it reads, its seed and the contents of its inputs
  // { task, metrics, objective (where there is a validation split), device, threads (once chosen), dataset = {...},
  //   prompt, model, training (those that it reads), strategy = { plugin, name, its own options } }
  Value options;
  std::vector<std::string> swept;    // full paths of the options that were axes, as `parameters` names them, but for the base's
  std::optional<Base> base;          // what it goes on from
  // Equal for trials of which a worker can share more than the items: the states of the same frozen layers of the same model over
  // the same rendered items. Empty where there is nothing of the kind. Decides only how trials are grouped into jobs.
  std::string sharing_key;
  // Equal for trials that take the same optimizer steps until the shorter one ends: study/step_sharing.h.
  std::string steps_key;

  // Full path and value of every option that is set, for HDF5: "task", "training.learning_rate", "dataset.limit.train", and for the
  // strategy's own "plugin", "lora.r"; then "from" (or "from_best") with the base strategy's name and, below "from.", the base's:
  // "from.training.learning_rate". Without device and threads, which change how a trial runs and not what it is.
  std::vector<std::pair<std::string, Value>> parameters() const;
  // All paths of `parameters` that were axes, its own and the base's.
  std::vector<std::string> swept_parameters() const;
  // The parameters of these paths, in the order of `parameters`.
  std::vector<std::pair<std::string, Value>> swept_values() const;
  // Throws Error when this trial does not read the table.
  const Value& table(const std::string& name) const;
  bool reads(const std::string& name) const { return options.find(name) != nullptr; }
};

// One line for a person: "lora, learning_rate 1e-05, lora.r 4, seed 1", "rag from lora, from.lora.r 4, seed 1".
std::string describe(const Trial& trial);

// How a path is called there: "learning_rate" for "training.learning_rate".
std::string short_path(const std::string& path);

// A value for a person: without quotes, and 3 rather than 3.0.
std::string shown(const Value& value);

// For the pipe to a worker, and back. The second throws Error naming what is missing or of the wrong type.
Value to_value(const Trial& trial);
Trial trial_from_value(const Value& value);

}  // namespace temper::study
