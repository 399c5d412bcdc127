// Where the model lies that a trial begins with: as its options name it, or as the trial that it goes on from left it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <temper/strategy.h>
#include <temper/value.h>

#include "study/trial.h"

namespace temper::registry {
class Registry;
}

namespace temper::study {

struct ModelPlace {
  Value table = Value::Table();  // like [model]: its checkpoint is the folder of saved weights where a trial changed the model; empty: none
  std::uint64_t seed = 0;        // for what the files lack: a head, or all weights
  bool head_is_trained = false;  // for the task, by a trial
};

// As the trial's own options say.
ModelPlace own_model_place(const Trial& trial);
// What a checkpoint's trial ended with. Throws Error when the folder is no checkpoint.
ModelPlace saved_model_place(const std::filesystem::path& checkpoint);
// What `trial` begins with when it goes on from that checkpoint: with its own tokenizer and its own seed.
ModelPlace model_place_from(const std::filesystem::path& checkpoint, const Trial& trial);
// The folder of the weights of a checkpoint's trial, its own or those of a trial that it goes on from; empty when none changed the model.
std::filesystem::path saved_model_folder(const std::filesystem::path& checkpoint);

// A trial's strategy, made from its options.
std::unique_ptr<Strategy> make_strategy(const registry::Registry& registry, const Trial& trial);
// The strategies of a checkpoint's chain with what they kept, the first one first, the checkpoint's own last.
std::vector<std::unique_ptr<Strategy>> load_strategies(const registry::Registry& registry, const std::filesystem::path& checkpoint);
std::vector<Strategy*> pointers(const std::vector<std::unique_ptr<Strategy>>& strategies);

}  // namespace temper::study
