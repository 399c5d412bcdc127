// experiment_markdown: each table from the declaration that also reads and checks it.
#include "cli/reference.h"

#include <temper/prompt.h>
#include <temper/training_options.h>

#include "data/dataset_options.h"
#include "registry/describe_text.h"
#include "study/experiment.h"
#include "study/limits.h"

namespace temper::cli {

namespace {

template <class Options>
std::string section(const std::string& title, const std::string& text) {
  OptionsOf<Options> options;
  return "\n## " + title + "\n\n" + text + "\n\n" + registry::options_markdown(declared(options));
}

}  // namespace

std::string experiment_markdown() {
  return "# The experiment file\n\n"
         "Written by `temper plugins --markdown experiment` from the declarations that read the file.\n" +
         section<study::ExperimentOptions>("Above the first table", "What the study is.") +
         section<study::LimitOptions>("[limits]", "When a trial is ended, and how often one whose worker died begins again. It changes no trial.") +
         section<data::DatasetOptions>("[dataset]", "The rows and their splits; the dataset plugin adds its own options.") +
         section<PromptOptions>("[prompt]", "How an item becomes text; the same for training, shots, retrieval and prediction.") +
         section<study::ModelOptions>("[model]", "A checkpoint, or a plugin with `config`, a table of the plugin's own options, for random weights.") +
         section<TrainingOptions>("[training]", "Names and defaults follow Hugging Face's TrainingArguments.");
}

}  // namespace temper::cli
