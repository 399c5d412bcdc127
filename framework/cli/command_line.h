// What a verb takes on its command line: declared once, which gives parsing, messages and --help.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace temper::cli {

class CommandLine {
 public:
  // `summary` is the sentence that `temper --help` shows for the verb.
  CommandLine(std::string verb, std::string summary);
  ~CommandLine();

  CommandLine& positional(const std::string& name, std::string& field, const std::string& help);           // must be given
  CommandLine& optional_positional(const std::string& name, std::string& field, const std::string& help);
  CommandLine& option(const std::string& name, std::string& field, const std::string& placeholder, const std::string& help);
  CommandLine& option(const std::string& name, std::optional<std::int64_t>& field, const std::string& placeholder, const std::string& help);
  CommandLine& list(const std::string& name, std::vector<std::string>& field, const std::string& placeholder, const std::string& help);
  CommandLine& flag(const std::string& name, bool& field, const std::string& help);

  // False when help was asked for and printed. Throws Error for what the verb does not take.
  bool parse(const std::vector<std::string>& arguments);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace temper::cli
