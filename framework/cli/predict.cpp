// temper predict: answers lines with a study's best trial, or with a model folder. The work is temper-worker's.
#include <temper/error.h>

#include "cli/command_line.h"
#include "cli/find_trial.h"
#include "cli/forward.h"
#include "cli/verb.h"

namespace temper::cli {

int predict(const std::vector<std::string>& arguments) {
  std::string study, model, base, input, dtype = "float32";
  std::optional<std::int64_t> trial, batch_size, threads;
  bool logits = false;
  CommandLine line("predict", "Answers lines of text, or JSON lines {\"text\": ...} or {\"input_ids\": [...]}; prints JSON lines.");
  line.optional_positional("STUDY", study, "the study's folder, or its study.h5: its best trial answers")
      .option("model", model, "FOLDER", "a Hugging Face folder, or PEFT's of adapters, instead of a study")
      .option("base", base, "FOLDER", "the model that the adapters of --model hang on (default: the one that they name)")
      .option("trial", trial, "N", "this trial of the study instead of the best")
      .option("input", input, "FILE", "the lines (default: standard input)")
      .flag("logits", logits, "print the logits too")
      .option("dtype", dtype, "TYPE", "float32 (default) or bf16: the precision of matrix products")
      .option("batch-size", batch_size, "N", "items per forward pass (default: 32)")
      .option("threads", threads, "N", "threads to compute with (default: all cores)");
  if (!line.parse(arguments)) return kDone;
  if (study.empty() == model.empty()) throw Error("temper predict: give a study, or --model FOLDER", "see: temper predict --help");
  if (!base.empty() && model.empty()) throw Error("temper predict: --base needs --model", "see: temper predict --help");
  if (trial && study.empty()) throw Error("temper predict: --trial needs a study", "see: temper predict --help");
  if (dtype != "float32" && dtype != "bf16") throw Error("temper predict: --dtype is \"" + dtype + "\", it must be float32 or bf16");

  std::vector<std::string> forwarded;
  const auto pass = [&](const char* name, const std::string& value) { forwarded.insert(forwarded.end(), {name, value}); };
  if (model.empty()) pass("--checkpoint", find_checkpoint(study, trial).string());
  else pass("--model", model);
  if (!base.empty()) pass("--base", base);
  if (!input.empty()) pass("--input", input);
  if (logits) forwarded.push_back("--logits");
  pass("--dtype", dtype);
  if (batch_size) pass("--batch-size", std::to_string(*batch_size));
  if (threads) pass("--threads", std::to_string(*threads));
  become_worker("predict", forwarded);
}

}  // namespace temper::cli
