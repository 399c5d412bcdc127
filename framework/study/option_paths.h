// Path options: variables in them, relative paths from the experiment file's folder, checkpoints by name.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <temper/error.h>

namespace temper::study {

using Variable = std::function<std::optional<std::string>(const std::string& name)>;

// Replaces ${NAME} by the variable's value, and ${NAME:-default} by the default where it is unset or empty (as the shell does).
// Throws Error for a variable that is unset and has no default, and for one that is not closed.
std::string expand_variables(const std::string& text, const Variable& variable);

// The process's environment.
std::optional<std::string> environment_variable(const std::string& name);

// The absolute path of an input that `text` names, relative ones from `folder`. Throws Error when it is not there.
std::filesystem::path find_input(const std::string& text, const std::filesystem::path& folder, const Variable& variable);

// The same for model.checkpoint: a folder, else a name in the local Hugging Face cache.
std::filesystem::path find_model(const std::string& text, const std::filesystem::path& folder, const Variable& variable);

}  // namespace temper::study
