// A checkpoint as Hugging Face lays it out: where it lies, its config.json, its labels and its tensor files. No torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <temper/value.h>

namespace temper::data {

struct ModelFolder {
  std::filesystem::path folder;
  Value config;            // config.json, places kept
  std::string model_type;  // empty when config.json names none
  // Class names by class index. When config.json has no id2label there are two (or its num_labels), named LABEL_0, LABEL_1, ...
  std::vector<std::string> labels;
  bool labels_are_generic = true;  // absent, or all LABEL_i: they say nothing about what a class means
  std::vector<std::filesystem::path> tensor_files;  // safetensors, in the order of their names; empty: only a config
};

// `checkpoint` is a folder (relative ones are taken from `base`), or "ORG/NAME" in the local Hugging Face cache
// (HF_HUB_CACHE, HF_HOME/hub, XDG_CACHE_HOME/huggingface/hub, ~/.cache/huggingface/hub): the snapshot that refs/main names, else
// the only one. Throws Error that tells every place where it looked.
std::filesystem::path find_checkpoint(const std::string& checkpoint, const std::filesystem::path& base = {});

// Reads config.json and finds the tensor files. Throws Error with file and place. A folder of adapters without a config.json of its own
// has that of its base (`base`, where it is not empty); the tensor files are the adapter's.
ModelFolder open_model_folder(const std::filesystem::path& folder, const std::filesystem::path& base = {});

// The same from a config alone ("{}" included); `folder` and `tensor_files` stay empty.
ModelFolder model_folder_from_config(Value config);

}  // namespace temper::data
