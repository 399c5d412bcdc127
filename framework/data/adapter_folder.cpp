// See adapter_folder.h.
#include "data/adapter_folder.h"

#include <temper/error.h>
#include <temper/tokenizer.h>
#include <temper/value.h>

#include "data/atomic_file.h"
#include "data/model_folder.h"

namespace temper::data {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kLongestConfig = 64'000'000;  // bytes

}  // namespace

bool is_adapter_folder(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / kAdapterConfig, error);
}

std::string adapter_base_name(const fs::path& folder) {
  const std::string file = (folder / kAdapterConfig).string();
  const Value config = parse_json(read_file(file, kLongestConfig), file);
  const Value* name = config.is_table() ? config.find("base_model_name_or_path") : nullptr;
  if (!name || !name->is_string() || name->as_string().empty()) {
    throw Error({{{file}, "names no base_model_name_or_path", "write the folder of the model that the adapter was trained over there, or give it: --base FOLDER"}});
  }
  return name->as_string();
}

std::string adapter_task(const fs::path& folder) {
  const std::string file = (folder / kAdapterConfig).string();
  const Value config = parse_json(read_file(file, kLongestConfig), file);
  const Value* task = config.is_table() ? config.find("task_type") : nullptr;
  return task && task->is_string() ? task->as_string() : std::string();
}

fs::path find_adapter_base(const fs::path& folder) { return find_adapter_base(folder, {}); }

fs::path find_adapter_base(const fs::path& folder, const fs::path& base) {
  const std::string name = base.empty() ? adapter_base_name(folder) : base.string();
  const auto find = [&]() -> fs::path {
    std::error_code error;
    const fs::path beside = fs::absolute(folder).lexically_normal().parent_path() / name;
    if (base.empty() && !fs::is_directory(name, error) && fs::is_directory(beside, error)) return fs::weakly_canonical(beside);
    try {
      return find_checkpoint(name);
    } catch (const Error& problem) {
      throw Error(folder.string() + " is an adapter: " + problem.problems().front().what, "give the model that it was trained over: --base FOLDER, or base_model_name_or_path in its " + std::string(kAdapterConfig));
    }
  };
  const fs::path found = find();
  if (is_adapter_folder(found)) throw Error(folder.string() + " is an adapter over " + found.string() + ", which is one too", "merge that one first");
  return found;
}

fs::path tokenizer_folder(const fs::path& checkpoint, const fs::path& base) {
  if (!is_adapter_folder(checkpoint) || !tokenizer_format(checkpoint).empty()) return checkpoint;
  return find_adapter_base(checkpoint, base);
}

}  // namespace temper::data
