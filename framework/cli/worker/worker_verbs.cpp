// The verbs of temper-worker.
#include "cli/worker/worker_verb.h"

#include "registry/description.h"

namespace temper::cli {

std::span<const WorkerVerb> worker_verbs() {
  static const WorkerVerb table[] = {{"serve", serve}, {"describe", registry::describe_main}, {"predict", predict_lines}, {"score", score_lines}, {"merge", merge_model}, {"retrieve", retrieve_dense}};
  return table;
}

}  // namespace temper::cli
