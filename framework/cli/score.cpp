// temper score: log-likelihoods of continuations under a language model. The work is temper-worker's.
#include <temper/error.h>

#include "cli/command_line.h"
#include "cli/forward.h"
#include "cli/verb.h"

namespace temper::cli {

int score(const std::vector<std::string>& arguments) {
  std::string model, base, input, truncate, dtype = "float32";
  std::optional<std::int64_t> batch_size, threads;
  bool quiet = false;
  CommandLine line("score", "Scores JSON lines {\"context\", \"continuation\"} or {\"context_ids\", \"continuation_ids\"}; prints {\"logprob\", \"tokens\", \"is_greedy\"}. Whole texts {\"text\"} or {\"ids\"} are scored in rolling windows as lm-evaluation-harness does: {\"logprob\", \"tokens\", \"words\", \"bytes\"}, and their perplexities at the end.");
  line.option("model", model, "FOLDER", "a Hugging Face folder of a causal language model, or PEFT's of adapters")
      .option("base", base, "FOLDER", "the model that the adapters of --model hang on (default: the one that they name)")
      .option("input", input, "FILE", "the lines (default: standard input)")
      .option("truncate", truncate, "left", "a pair that is too long keeps its last tokens; otherwise it is an error")
      .option("dtype", dtype, "TYPE", "float32 (default) or bf16: the precision of matrix products")
      .option("batch-size", batch_size, "N", "sequences per forward pass (default: 64)")
      .option("threads", threads, "N", "threads to compute with (default: all cores)")
      .flag("quiet", quiet, "show no progress");
  if (!line.parse(arguments)) return kDone;
  if (model.empty()) throw Error("temper score: --model is missing", "see: temper score --help");
  if (!truncate.empty() && truncate != "left") throw Error("temper score: --truncate is \"" + truncate + "\", it must be left");
  if (dtype != "float32" && dtype != "bf16") throw Error("temper score: --dtype is \"" + dtype + "\", it must be float32 or bf16");
  std::vector<std::string> forwarded{"--model", model, "--dtype", dtype};
  const auto pass = [&](const char* name, const std::string& value) { forwarded.insert(forwarded.end(), {name, value}); };
  if (!base.empty()) pass("--base", base);
  if (!input.empty()) pass("--input", input);
  if (!truncate.empty()) pass("--truncate", truncate);
  if (quiet) forwarded.push_back("--quiet");
  if (batch_size) pass("--batch-size", std::to_string(*batch_size));
  if (threads) pass("--threads", std::to_string(*threads));
  become_worker("score", forwarded);
}

}  // namespace temper::cli
