// Verbs that need a model run in temper-worker, with this process's input and output.
#pragma once

#include <string>
#include <vector>

namespace temper::cli {

// Becomes `temper-worker VERB ARGUMENTS`. Returns only by throwing Error.
[[noreturn]] void become_worker(const std::string& verb, const std::vector<std::string>& arguments);
// Runs it and waits for its end. Throws Error when it cannot be started or fails, having told why on stderr itself.
void run_worker(const std::string& verb, const std::vector<std::string>& arguments);

}  // namespace temper::cli
