// temper export --merge, the part that needs a model: a trial's adapters become part of its weights.
#include <temper/error.h>

#include "cli/command_line.h"
#include "cli/worker/worker_verb.h"
#include "nn/checkpoint.h"
#include "registry/registry.h"
#include "study/tasks/task_work.h"
#include "study/trial_files.h"

namespace temper::cli {

int merge_model(const std::vector<std::string>& arguments) {
  std::string checkpoint, model, output;
  CommandLine line("merge", "");
  line.option("checkpoint", checkpoint, "FOLDER", "").option("model", model, "FOLDER", "").option("output", output, "FOLDER", "");
  if (!line.parse(arguments)) return 0;
  // With the head that the trial answers by: labels in the model's order, or, of one that answers by choice, tokens.
  const study::SavedTrial saved = study::read_trial_file(checkpoint);
  const HeadKind head = saved.head_is_trained ? nn::head_kind(saved.task.task) : HeadKind::kLanguageModeling;
  nn::LoadedModel loaded = nn::load_model(registry::installed(), model,
                                          {.head = head, .labels = saved.head_is_trained ? study::head_labels(saved.task) : std::vector<std::string>(), .seed = 0, .or_masked = true});
  nn::save_model(loaded.model, loaded.config, loaded.labels, output);
  nn::save_generation_config(loaded.generation_config, output);
  return 0;
}

}  // namespace temper::cli
