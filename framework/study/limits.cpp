// See limits.h.
#include "study/limits.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include <temper/error.h>

namespace temper::study {

namespace {

struct Unit {
  std::string_view name;
  double size;
};

constexpr double kKibi = 1024;
constexpr std::array kByteUnits{
    Unit{"", 1}, Unit{"B", 1}, Unit{"bytes", 1}, Unit{"kB", 1e3}, Unit{"KB", 1e3}, Unit{"MB", 1e6}, Unit{"GB", 1e9}, Unit{"TB", 1e12},
    Unit{"K", kKibi}, Unit{"KiB", kKibi}, Unit{"M", kKibi * kKibi}, Unit{"MiB", kKibi * kKibi}, Unit{"G", kKibi * kKibi * kKibi},
    Unit{"GiB", kKibi * kKibi * kKibi}, Unit{"T", kKibi * kKibi * kKibi * kKibi}, Unit{"TiB", kKibi * kKibi * kKibi * kKibi}};
constexpr std::array kTimeUnits{Unit{"", 1}, Unit{"s", 1}, Unit{"min", 60}, Unit{"h", 3600}, Unit{"d", 86400}};

// A positive number and a unit, blanks between them or not; nothing for anything else.
template <std::size_t N>
std::optional<double> quantity(std::string_view text, const std::array<Unit, N>& units) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number <= 0) return std::nullopt;
  std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
  while (name.starts_with(' ')) name.remove_prefix(1);
  for (const Unit& unit : units)
    if (unit.name == name) return number * unit.size;
  return std::nullopt;
}

[[noreturn]] void refuse(std::string_view text, const std::string& wanted) { throw Error('"' + std::string(text) + "\" is no " + wanted); }

}  // namespace

void LimitOptions::visit(OptionVisitor& v) {
  v.option("memory", memory, "Resident memory of a worker, as cost/@peak_memory_bytes counts it, above which its trial is ended: \"4 GiB\". By default none.").not_part_of_identity();
  v.option("time", time, "How long a trial may run, each time that it is begun or gone on with: \"90 s\", \"10 min\", \"2 h\". By default for ever.").not_part_of_identity();
  v.option("silence", silence, "How long a trial may give no sign of life (a step, an evaluated batch, an answer, a line in its log) before it counts as hung; \"none\" for ever.").not_part_of_identity();
  v.option("retries", retries, "How often a trial whose worker died goes on from its last snapshot, or begins again. What ended with an error is not repeated.").at_least(0).at_most(1000).not_part_of_identity();
}

std::int64_t bytes_from_text(std::string_view text) {
  const std::optional<double> bytes = quantity(text, kByteUnits);
  if (!bytes || *bytes < 1 || *bytes > 9e18) refuse(text, "amount of memory, it must be like \"4 GiB\" or \"500 MB\"");
  return static_cast<std::int64_t>(*bytes);
}

double seconds_from_text(std::string_view text) {
  const std::optional<double> seconds = quantity(text, kTimeUnits);
  if (!seconds) refuse(text, "duration, it must be like \"90 s\", \"10 min\", \"2 h\" or \"1 d\"");
  return *seconds;
}

Limits limits_of(const Value& table) {
  OptionsOf<LimitOptions> options;
  fill(options, table);
  Limits limits;
  Problems problems;
  const auto read = [&](const char* name, const std::optional<std::string>& text, auto& field, auto from_text) {
    if (!text || *text == "none") return;
    try {
      field = from_text(*text);
    } catch (const Error& error) {
      const Value* value = table.find(name);
      problems.add(value ? value->place : Place{}, "limits." + std::string(name) + ": " + error.problems().front().what);
    }
  };
  read("memory", options.value.memory, limits.memory_bytes, bytes_from_text);
  read("time", options.value.time, limits.seconds, seconds_from_text);
  read("silence", options.value.silence, limits.silent_seconds, seconds_from_text);
  limits.retries = options.value.retries;
  problems.throw_if_any();
  return limits;
}

std::string bytes_text(std::int64_t bytes) {
  constexpr std::array kNames{"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; amount >= kKibi && unit + 1 < kNames.size(); ++unit) amount /= kKibi;
  char text[64];
  std::snprintf(text, sizeof text, amount >= 100 || amount == std::floor(amount) ? "%.0f %s" : "%.2g %s", amount, kNames[unit]);
  return text;
}

}  // namespace temper::study
