// The table [limits]: when a trial is ended, and how often one whose worker died begins again. No part of what a trial is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <temper/options.h>

namespace temper::study {

// As written.
struct LimitOptions {
  std::optional<std::string> memory;
  std::optional<std::string> time;
  std::string silence = "6 h";
  std::int64_t retries = 0;
  void visit(OptionVisitor& v);
};

struct Limits {
  std::optional<std::int64_t> memory_bytes;  // of a worker, resident
  std::optional<double> seconds;             // of a trial, each time that it is begun or gone on with
  std::optional<double> silent_seconds;      // without a sign of life
  std::int64_t retries = 0;
};

// Of a table that was checked against LimitOptions; an empty one gives the defaults. Throws one Error with all quantities that are none.
Limits limits_of(const Value& table);

// "4 GiB", "500 MB", "800M", "1073741824": 1 kB is 1,000 bytes, 1 KiB (or 1 K, as Slurm has it) 1,024. Throws Error.
std::int64_t bytes_from_text(std::string_view text);
// "90", "90 s", "10 min", "2 h", "1.5 d". Throws Error.
double seconds_from_text(std::string_view text);

// "4 GiB", "1.3 GiB", "900 bytes"
std::string bytes_text(std::int64_t bytes);

}  // namespace temper::study
