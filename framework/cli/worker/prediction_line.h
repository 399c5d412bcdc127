// A prediction as a member of the JSON line that `temper predict` writes.
#pragma once

#include <temper/item.h>
#include <temper/task.h>
#include <temper/value.h>

namespace temper::cli {

// Adds what is answered under a name that says what it is: "label" and "labels" with their "probabilities", "score", "tags", "spans"
// (bytes of the context; with the first one's "text"), "text"; for a text that is itself scored "nll" (nats) and "nll_tokens".
void add_answer(Value& line, const Prediction& prediction, const TaskInfo& task);

}  // namespace temper::cli
