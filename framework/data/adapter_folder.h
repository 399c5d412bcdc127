// A folder as PEFT writes it, which holds adapters over another checkpoint: is it one, and where does its base lie. No torch.
#pragma once

#include <filesystem>
#include <string>

namespace temper::data {

inline constexpr const char* kAdapterConfig = "adapter_config.json";

// Whether the folder holds an adapter_config.json.
bool is_adapter_folder(const std::filesystem::path& folder);
// base_model_name_or_path of its adapter_config.json. Throws Error when it names none.
std::string adapter_base_name(const std::filesystem::path& folder);
// task_type of its adapter_config.json: "CAUSAL_LM", "SEQ_CLS", ...; empty when it names none.
std::string adapter_task(const std::filesystem::path& folder);
// Where its base lies: an absolute or relative folder, one beside the adapter's, or one of the local Hugging Face cache. Throws Error
// when it is nowhere, or is itself a folder of adapters.
std::filesystem::path find_adapter_base(const std::filesystem::path& folder);
// `base` where it is not empty, checked likewise.
std::filesystem::path find_adapter_base(const std::filesystem::path& folder, const std::filesystem::path& base);
// Where a checkpoint's tokenizer lies: in its folder, or, of adapters that bring none, in their base's.
std::filesystem::path tokenizer_folder(const std::filesystem::path& checkpoint, const std::filesystem::path& base = {});

}  // namespace temper::data
