// See sharing_key.h.
#include "study/sharing_key.h"

namespace temper::study {

std::string sharing_key(const Trial& trial, const Needs& needs) {
  if (!needs.model || (needs.training && !needs.frozen)) return {};
  Value key = Value::Table{{"model", trial.table("model")}, {"dataset", trial.table("dataset")}, {"trains", needs.training}};
  if (trial.reads("prompt")) key.set("prompt", trial.table("prompt"));
  if (needs.training)
    for (const char* option : {"max_length", "bf16"})
      if (const Value* value = trial.table("training").find(option)) key.set(option, *value);
  if (trial.base) key.set("base", Value::Array(trial.base->candidates.begin(), trial.base->candidates.end()));
  const bool is_random = !trial.table("model").find("checkpoint");
  if (trial.seed && (is_random || (trial.base && trial.base->is_best))) key.set("seed", *trial.seed);
  return to_json(key);
}

}  // namespace temper::study
