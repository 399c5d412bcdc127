// temper, the coordinator: finds the verb and turns errors into words and an exit status. It links no torch.
#include <exception>
#include <iostream>

#include <temper/error.h>

#include "cli/verb.h"
#include "cli/version.h"

namespace temper::cli {
namespace {

void print_usage(std::ostream& out) {
  out << "usage: temper VERB ...\n\n";
  for (const Verb& verb : verbs()) out << "  " << verb.name << std::string(10 - std::string(verb.name).size(), ' ') << verb.summary << '\n';
  out << "\ntemper VERB --help tells more; temper --version tells versions, processor and plugin folder\n";
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    print_usage(std::cerr);
    return kWrongInput;
  }
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    print_usage(std::cout);
    return kDone;
  }
  if (name == "--version") {
    std::cout << version_text();
    return kDone;
  }
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) {
    if (name == verb.name) return verb.run({arguments.begin() + 1, arguments.end()});
    names.push_back(verb.name);
  }
  const std::string hint = did_you_mean(name, names);
  throw Error("temper has no verb \"" + name + "\"", hint.empty() ? "see: temper --help" : hint);
}

}  // namespace
}  // namespace temper::cli

int main(int count, char** values) {
  std::ios::sync_with_stdio(false);
  try {
    const int status = temper::cli::dispatch({values + 1, values + count});
    std::cout.flush();
    return status;
  } catch (const temper::Error& error) {
    std::cout.flush();
    std::cerr << error.what() << '\n';
    if (error.problems().size() > 1) std::cerr << error.problems().size() << " problems\n";
  } catch (const std::exception& error) {
    std::cout.flush();
    std::cerr << "temper: " << error.what() << '\n';
  }
  return temper::cli::kWrongInput;
}
