// Adapters in PEFT's file layout: adapter_config.json beside adapter_model.safetensors.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <temper/lora_options.h>
#include <temper/torch/headed_model.h>

namespace temper::nn {

// Writes both files into `folder`, which is made if absent: what PEFT 0.21 writes for a LoraConfig, with the modules that are trained
// whole. `base_model` is what the adapters hang on, a folder or a hub's name. Throws Error when the model has no adapters.
void save_adapter(HeadedModel& model, const std::string& base_model, const std::filesystem::path& folder);

// The adapters' options as adapter_config.json tells them. Throws one Error with all that is wrong or not supported: kinds other
// than LORA, ranks that differ between modules, trained biases, adapters on embeddings.
LoraOptions read_adapter_options(const std::filesystem::path& folder);

// Hangs the folder's adapters on the model, and reads the modules that were trained whole. Every tensor is read exactly once; one
// of a head that the model was not opened with is skipped. Throws one Error that names all missing, left-over and misshapen tensors.
// A head belongs to the adapter where modules_to_save names it or task_type is one for which PEFT saves it: it must then be there, as
// for PEFT. Else the base's is kept, where it has one, and its parameters are the result; a new one stays as it was drawn.
std::vector<std::string> load_adapter(HeadedModel& model, const std::filesystem::path& folder);

}  // namespace temper::nn
