// What a plugin's options are, asked of a child process: the first to load a library is never the coordinator.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <temper/options.h>

namespace temper::registry {

// The options, or why there are none.
using Description = std::variant<OptionSchema, std::vector<Problem>>;

// Asks `worker` (a temper-worker) to load and describe the libraries. One child does as long as none of them ends it: a library
// that crashes, exits or says nothing for `limit` is described by that, and another child goes on with the rest.
// Throws Error when the worker cannot be started at all.
std::map<std::filesystem::path, Description> describe_in_child(const std::filesystem::path& worker,
                                                               const std::vector<std::filesystem::path>& libraries,
                                                               std::chrono::milliseconds limit);

// `temper-worker describe LIBRARY...`: the child's side. Writes lines of JSON to stdout, which the libraries cannot reach.
int describe_main(const std::vector<std::string>& libraries);

// beside the running program
std::filesystem::path default_worker();

// Descriptions on disk, by the contents of the library and of the temper that asked. What cannot be read or written is
// as if it were not there: a cache can always be done without.
class DescriptionCache {
 public:
  explicit DescriptionCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  static std::filesystem::path default_folder();  // ${XDG_CACHE_HOME:-~/.cache}/temper/descriptions; empty without a home
  std::optional<OptionSchema> find(const std::filesystem::path& library) const;
  void store(const std::filesystem::path& library, const OptionSchema& schema) const;

 private:
  std::filesystem::path entry(const std::filesystem::path& library) const;  // empty when the library cannot be read
  std::filesystem::path folder_;
};

}  // namespace temper::registry
