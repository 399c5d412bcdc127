// The options of the experiment file's own tables.
#include "study/experiment.h"

namespace temper::study {

void ExperimentOptions::visit(OptionVisitor& v) {
  v.option("name", name, "The study's name, and that of its folder below the results folder. By default the file's name without its extension.");
  v.option("task", task, "What is learned.").one_of({"classification", "multi_label", "regression", "token_classification",
                                                    "question_answering", "generation", "language_modeling"}).required();
  v.option("seeds", seeds, "Seeds of initialisation, order, dropout, sampling and choice of shots; each trial that uses a seed runs once per seed.").at_least(0);
  v.option("objective", objective, "What chooses snapshots and best trials: validation_loss, or validation_ and a metric's name. By default validation_loss where there is a validation split.");
  v.option("metrics", metrics, "What is measured: names of metrics or of their values, with options behind them (bleu:tokenize=char). By default the usual ones of the task.");
  v.option("device", device, "auto, cpu, cuda or cuda:N.").not_part_of_identity();
  v.option("threads", threads, "Threads of a worker. By default chosen when the study is first planned, and kept.").at_least(1).at_most(4096).not_part_of_identity();
}

void ModelOptions::visit(OptionVisitor& v) {
  v.option("checkpoint", checkpoint, "A folder as Hugging Face lays it out, or a name in the local Hugging Face cache.");
  v.option("plugin", plugin, "The model plugin, for random weights. A checkpoint's is the one that claims the model_type of its config.json.");
  v.option("tokenizer", tokenizer, "A folder or file with the tokenizer. By default the checkpoint's folder.");
}

ModelOptions model_options(const Value& table) {
  OptionsOf<ModelOptions> options;
  fill(options, table);
  if (const Value* config = table.find("config")) options.value.config = *config;
  return std::move(options.value);
}

}  // namespace temper::study
