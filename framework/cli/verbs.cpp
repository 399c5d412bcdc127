// The verbs of `temper`, in the order in which a user meets them.
#include "cli/verb.h"

namespace temper::cli {

std::span<const Verb> verbs() {
  static const Verb table[] = {
      {"run", "Run an experiment file's trials, or what is left of them; resumes by itself.", run_experiment},
      {"plan", "Show what an experiment file would run; change nothing.", plan_experiment},
      {"new", "Write an experiment file for your own data.", make_new},
      {"report", "Print a study's table again.", report_study},
      {"verify", "Replay a trial and prove that its record comes out again, bit by bit.", verify},
      {"plugins", "List the plugins; with a name, tell its options.", list_plugins},
      {"predict", "Answer lines of text with a study's best trial, or with a model folder.", predict},
      {"score", "Give the log-likelihood of continuations under a language model.", score},
      {"export", "Write a trial's model as a Hugging Face folder.", export_model},
      {"tokenize", "Turn text into token ids with byte offsets, or back.", tokenize},
      {"evaluate", "Score predictions against references.", evaluate},
      {"retrieve", "Rank passages for queries, and score the rankings.", retrieve},
  };
  return table;
}

}  // namespace temper::cli
