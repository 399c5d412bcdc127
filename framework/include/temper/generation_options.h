// How a language model's answer is drawn from it. Names and meanings follow transformers' GenerationConfig. No torch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <temper/options.h>

namespace temper {

struct GenerationOptions {
  std::int64_t max_new_tokens = 64;
  bool do_sample = false;
  double temperature = 1;
  std::int64_t top_k = 0;
  double top_p = 1;
  double min_p = 0;
  double repetition_penalty = 1;
  std::optional<std::vector<std::string>> stop_strings;  // unset: whoever asks may have texts of its own that end an answer

  void visit(OptionVisitor& v) {
    v.option("max_new_tokens", max_new_tokens, "The longest answer; it also ends where the model's context is full.").at_least(1).in("tokens");
    v.option("do_sample", do_sample, "Draw tokens by their probabilities; otherwise the likeliest is taken (greedy).");
    v.option("temperature", temperature, "Logits are divided by it before drawing: below 1 the likely tokens gain.").above(0);
    v.option("top_k", top_k, "Draw among this many likeliest tokens; 0 means all.").at_least(0).in("tokens");
    v.option("top_p", top_p, "Draw among the likeliest tokens that together have this probability (Holtzman et al. 2020).").above(0).at_most(1);
    v.option("min_p", min_p, "Draw among tokens with at least this share of the likeliest one's probability.").at_least(0).at_most(1);
    v.option("repetition_penalty", repetition_penalty, "Logits of tokens that were read or written already are divided by it where positive, multiplied where negative (Keskar et al. 2019).").above(0);
    v.option("stop_strings", stop_strings, "The answer ends before the first of these texts that it would contain, a blank at its beginning aside.");
  }
};

}  // namespace temper
