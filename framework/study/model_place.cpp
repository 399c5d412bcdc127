// See model_place.h.
#include "study/model_place.h"

#include <temper/error.h>

#include "registry/registry.h"
#include "study/trial_files.h"

namespace temper::study {

namespace fs = std::filesystem;

ModelPlace own_model_place(const Trial& trial) {
  ModelPlace place;
  if (trial.reads("model")) place.table = trial.table("model");
  place.seed = static_cast<std::uint64_t>(trial.seed.value_or(0));
  return place;
}

fs::path saved_model_folder(const fs::path& checkpoint) {
  const std::vector<fs::path> chain = checkpoint_chain(checkpoint);
  for (auto at = chain.rbegin(); at != chain.rend(); ++at)
    if (fs::exists(*at / kModelFolder)) return *at / kModelFolder;
  return {};
}

ModelPlace saved_model_place(const fs::path& checkpoint) {
  const SavedTrial saved = read_trial_file(checkpoint);
  // Weights that nobody changed are those of the trial that the chain began with.
  ModelPlace place = own_model_place(read_trial_file(checkpoint_chain(checkpoint).front()).trial);
  place.head_is_trained = saved.head_is_trained;
  const fs::path folder = saved_model_folder(checkpoint);
  if (!folder.empty()) place.table = Value::Table{{"checkpoint", folder.string()}};
  return place;
}

ModelPlace model_place_from(const fs::path& checkpoint, const Trial& trial) {
  ModelPlace place = saved_model_place(checkpoint);
  if (!place.table.find("checkpoint")) return place;  // random weights, drawn from the seed of the first trial
  place.seed = static_cast<std::uint64_t>(trial.seed.value_or(0));
  if (!trial.reads("model")) return place;
  for (const char* key : {"tokenizer", "checkpoint"}) {
    const Value* own = trial.table("model").find(key);
    if (!own || !own->is_string() || place.table.find("tokenizer")) continue;
    place.table.set("tokenizer", *own);
  }
  return place;
}

std::unique_ptr<Strategy> make_strategy(const registry::Registry& registry, const Trial& trial) {
  Value options = trial.table("strategy");
  const Value* name = options.find("plugin");
  if (!name) throw Error("the trial's strategy \"" + trial.strategy + "\" names no plugin");
  const std::string plugin = name->as_string();
  options.erase("plugin");
  options.erase("name");
  return registry.create<Strategy>(plugin, options);
}

std::vector<std::unique_ptr<Strategy>> load_strategies(const registry::Registry& registry, const fs::path& checkpoint) {
  std::vector<std::unique_ptr<Strategy>> strategies;
  for (const fs::path& folder : checkpoint_chain(checkpoint)) {
    strategies.push_back(make_strategy(registry, read_trial_file(folder).trial));
    strategies.back()->load(folder / kStrategyFolder);
  }
  return strategies;
}

std::vector<Strategy*> pointers(const std::vector<std::unique_ptr<Strategy>>& strategies) {
  std::vector<Strategy*> all;
  for (const auto& strategy : strategies) all.push_back(strategy.get());
  return all;
}

}  // namespace temper::study
