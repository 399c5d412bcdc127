// temper retrieve: here where the retriever does without torch, else in temper-worker.
#include "cli/forward.h"
#include "cli/retrieve_passages.h"
#include "cli/verb.h"
#include "registry/registry.h"
#include "registry/uses_torch.h"

namespace temper::cli {

int retrieve(const std::vector<std::string>& arguments) {
  const auto request = read_retrieve_request(arguments);
  if (!request) return kDone;
  const registry::Registry registry(registry::plugin_folders(), {.first_load = registry::FirstLoad::kInChild, .worker = {}, .cache = {}});
  if (registry::uses_torch(registry, "retriever", request->retriever, request->options)) become_worker("retrieve", arguments);
  retrieve_passages(*request, registry, request->threads);
  return kDone;
}

}  // namespace temper::cli
