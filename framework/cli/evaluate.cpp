// temper evaluate --metric NAME: scores predictions against references, whatever system made them.
#include <iostream>
#include <optional>

#include <temper/error.h>

#include "cli/command_line.h"
#include "cli/input_lines.h"
#include "cli/verb.h"
#include "evaluation/evaluate_lines.h"
#include "registry/registry.h"

namespace temper::cli {

int evaluate(const std::vector<std::string>& arguments) {
  std::string file, task;
  std::vector<std::string> metrics;
  CommandLine line("evaluate", "Scores JSON lines {\"prediction\": ..., \"reference\": ...} (or \"references\": [...]); prints one JSON object.");
  line.optional_positional("FILE", file, "JSON lines; default: standard input")
      .list("metric", metrics, "NAME", "a metric plugin's name or a value's, such as accuracy or f1_macro, with options behind it: bleu:tokenize=char; may be repeated")
      .option("task", task, "TASK", "classification, ...; by default what fits the lines and the metrics");
  if (!line.parse(arguments)) return kDone;
  if (metrics.empty()) throw Error("temper evaluate: --metric is missing", "see: temper plugins");
  const registry::Registry registry(registry::plugin_folders(), {.first_load = registry::FirstLoad::kInChild, .worker = {}, .cache = {}});
  InputLines input(file);
  const auto values = evaluation::evaluate_lines(registry, input.stream(), input.name(), metrics,
                                                 task.empty() ? std::nullopt : std::optional(task_from_string(task)));
  Problems problems;
  for (const evaluation::ScoredValue& value : values) {
    if (value.items == 0) {
      problems.add({input.name(), 0, 0}, value.name + " can score none of the lines", "likelihoods are read from \"probabilities\", or \"nll\" with \"nll_tokens\"");
    }
  }
  problems.throw_if_any();
  std::cout << to_json(evaluation::to_value(values)) << '\n';
  return kDone;
}

}  // namespace temper::cli
