// What temper retrieve does, in whichever program can hold the retriever.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <temper/value.h>

namespace temper::registry {
class Registry;
}

namespace temper::cli {

struct RetrieveRequest {
  std::filesystem::path corpus, queries;
  std::optional<std::filesystem::path> qrels;
  std::string retriever;
  Value options;  // the retriever's
  std::size_t k = 10, threads = 1;
  bool no_cache = false;
};

// Empty when the help was asked for, and printed. Throws Error.
std::optional<RetrieveRequest> read_retrieve_request(const std::vector<std::string>& arguments);

// Prints the rankings, or their scores. `threads`: how many search at a time.
void retrieve_passages(const RetrieveRequest& request, const registry::Registry& registry, std::size_t threads);

}  // namespace temper::cli
