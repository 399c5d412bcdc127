// temper predict: answers lines with a study's best trial, or with a model folder. The work is temper-worker's.
#include <temper/error.h>
#include <temper/generation_options.h>

#include "cli/command_line.h"
#include "cli/declared_options.h"
#include "cli/find_trial.h"
#include "cli/forward.h"
#include "cli/verb.h"

namespace temper::cli {

int predict(const std::vector<std::string>& arguments) {
  std::string study, model, base, input, truncate, dtype = "float32";
  std::optional<std::int64_t> trial, seed, batch_size, threads;
  bool logits = false, quiet = false;
  OptionsOf<GenerationOptions> generation;
  DeclaredOptions written(generation);
  CommandLine line("predict",
                   "Answers lines of text, or JSON lines {\"text\": ...} or {\"input_ids\": [...]}; prints JSON lines: labels with their probabilities, or, of a\n"
                   "causal language model, the text that it writes behind each line: {\"text\", \"ids\", \"tokens\" (their number), \"finish\"}.");
  line.optional_positional("STUDY", study, "the study's folder, or its study.h5: its best trial answers")
      .option("model", model, "FOLDER", "a Hugging Face folder of a classifier or a causal language model, or PEFT's of adapters, instead of a study")
      .option("base", base, "FOLDER", "the model that the adapters of --model hang on (default: the one that they name)")
      .option("trial", trial, "N", "this trial of the study instead of the best")
      .option("input", input, "FILE", "the lines (default: standard input)")
      .flag("logits", logits, "print the logits too")
      .option("truncate", truncate, "left", "a prompt that is too long keeps its last tokens, so that an answer fits behind them; of a study its trial says what becomes of one, otherwise it is an error")
      .option("dtype", dtype, "TYPE", "float32 (default) or bf16: the precision of matrix products")
      .option("batch-size", batch_size, "N", "items per forward pass (default: 32)")
      .option("threads", threads, "N", "threads to compute with (default: all cores)")
      .flag("quiet", quiet, "show no progress")
      .option("seed", seed, "N", "what draws with --do-sample depend on, beside the item's id or the line's number (default: 0)");
  written.declare(line);
  if (!line.parse(arguments)) return kDone;
  if (study.empty() == model.empty()) throw Error("temper predict: give a study, or --model FOLDER", "see: temper predict --help");
  if (!base.empty() && model.empty()) throw Error("temper predict: --base needs --model", "see: temper predict --help");
  if (trial && study.empty()) throw Error("temper predict: --trial needs a study", "see: temper predict --help");
  if (!truncate.empty() && truncate != "left") throw Error("temper predict: --truncate is \"" + truncate + "\", it must be left");
  if (dtype != "float32" && dtype != "bf16") throw Error("temper predict: --dtype is \"" + dtype + "\", it must be float32 or bf16");
  written.read("temper predict");
  std::vector<std::string> forwarded = written.arguments();
  if (model.empty() && (!forwarded.empty() || seed)) {
    throw Error("temper predict: a study's trial says itself how it writes, " + (forwarded.empty() ? std::string("--seed") : forwarded.front()) + " does not apply", "leave it out, or give --model FOLDER");
  }

  const auto pass = [&](const char* name, const std::string& value) { forwarded.insert(forwarded.end(), {name, value}); };
  if (model.empty()) pass("--checkpoint", find_checkpoint(study, trial).string());
  else pass("--model", model);
  if (!base.empty()) pass("--base", base);
  if (!input.empty()) pass("--input", input);
  if (logits) forwarded.push_back("--logits");
  if (quiet) forwarded.push_back("--quiet");
  if (!truncate.empty()) pass("--truncate", truncate);
  pass("--dtype", dtype);
  if (seed) pass("--seed", std::to_string(*seed));
  if (batch_size) pass("--batch-size", std::to_string(*batch_size));
  if (threads) pass("--threads", std::to_string(*threads));
  become_worker("predict", forwarded);
}

}  // namespace temper::cli
