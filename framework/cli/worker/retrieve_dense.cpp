// temper retrieve by a retriever that uses torch.
#include <ATen/Parallel.h>

#include "cli/retrieve_passages.h"
#include "cli/worker/worker_verb.h"
#include "registry/registry.h"

namespace temper::cli {

int retrieve_dense(const std::vector<std::string>& arguments) {
  const auto request = read_retrieve_request(arguments);
  if (!request) return 0;
  at::set_num_threads(static_cast<int>(request->threads));
  retrieve_passages(*request, registry::installed(), 1);  // the threads work inside each pass of the encoder
  return 0;
}

}  // namespace temper::cli
