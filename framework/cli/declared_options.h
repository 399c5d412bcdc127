// A declaration of options on a command line: --max-new-tokens for max_new_tokens. The same struct serves a table of an experiment.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include <temper/options.h>

#include "cli/command_line.h"

namespace temper::cli {

class DeclaredOptions {
 public:
  // Numbers, texts, flags and lists of texts. `options` must outlive it.
  explicit DeclaredOptions(AnyOptions& options);
  // Before the line is parsed.
  void declare(CommandLine& line);
  // Afterwards: checks what was given and fills the struct. `where` begins messages. Throws Error.
  void read(const std::string& where);
  // What was given, as arguments for another program that declares the same.
  std::vector<std::string> arguments() const;

 private:
  struct Given {
    std::string text;
    bool flag = false;
    std::vector<std::string> texts;
  };
  AnyOptions& options_;
  OptionSchema schema_;
  std::deque<Given> given_;  // one per option
};

}  // namespace temper::cli
