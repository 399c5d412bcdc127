// temper verify STUDY: replays a trial and tells whether the stored record is what it gives.
#include <algorithm>
#include <atomic>
#include <iostream>
#include <optional>

#include "cli/command_line.h"
#include "cli/stop_signals.h"
#include "cli/verb.h"
#include "launch/verify_trial.h"
#include "registry/registry.h"

namespace temper::cli {

namespace {

constexpr std::size_t kMostLines = 40;  // of differences

}  // namespace

int verify(const std::vector<std::string>& arguments) {
  std::string study;
  launch::VerifyRequest request;
  CommandLine line("verify",
                   "Replays a trial of a study in a temporary folder, from experiment.resolved.toml, and compares its record with the stored one, bit by bit: all but\n"
                   "costs and seconds. On another torch version, instruction set or kind of device numbers may differ by 0.001 of their size, which is said then.\n"
                   "Exit status 0: equal. 1: different; every place is named with both values. 2: it cannot be replayed, since an input has changed for instance.");
  line.positional("STUDY", study, "the study's folder, or its study.h5")
      .option("trial", request.trial, "N", "this trial instead of the complete trained one that took the least time");
  if (!line.parse(arguments)) return kDone;
  request.study = study;

  const std::atomic<int>& stops = count_stop_signals();

  const registry::Registry registry(registry::plugin_folders(), {.first_load = registry::FirstLoad::kInChild, .worker = {}, .cache = {}});
  const launch::VerifyResult result = launch::verify_trial(request, registry, [](const std::string& text) { std::cerr << text << std::endl; }, stops);
  if (result.interrupted) {
    std::cerr << "interrupted\n";
    return kInterrupted;
  }
  const std::string name = "trial " + std::to_string(result.trial) + " (" + result.description + ")";
  if (!result.why_tolerance.empty()) std::cerr << result.why_tolerance << ": numbers are compared within " << result.tolerance << " of their size\n";
  if (result.differences.empty()) {
    std::cout << name << ": " << (result.tolerance > 0 ? "the replay gave the stored record, within the tolerance" : "the replay gave the stored record, bit by bit") << '\n';
    return kDone;
  }
  for (std::size_t i = 0; i < std::min(result.differences.size(), kMostLines); ++i) std::cout << result.differences[i] << '\n';
  if (result.differences.size() > kMostLines) std::cout << "and " << result.differences.size() - kMostLines << " more places\n";
  std::cout << name << ": the replay gave another record than the stored one\n";
  return kSomeFailed;
}

}  // namespace temper::cli
