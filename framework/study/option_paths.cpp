// See option_paths.h.
#include "study/option_paths.h"

#include "data/model_folder.h"

#include <cstdlib>
#include <system_error>

namespace temper::study {

std::string expand_variables(const std::string& text, const Variable& variable) {
  std::string result;
  std::size_t at = 0;
  while (true) {
    const std::size_t begin = text.find("${", at);
    if (begin == std::string::npos) return result + text.substr(at);
    result += text.substr(at, begin - at);
    const std::size_t end = text.find('}', begin);
    if (end == std::string::npos) throw Error("has \"${\" without \"}\"", "write ${NAME} or ${NAME:-default}");
    const std::string inside = text.substr(begin + 2, end - begin - 2);
    const std::size_t separator = inside.find(":-");
    const std::string name = inside.substr(0, separator);
    if (name.empty()) throw Error("has \"${" + inside + "}\", which names no variable", "write ${NAME} or ${NAME:-default}");
    const std::optional<std::string> value = variable(name);
    if (separator != std::string::npos) {
      result += value && !value->empty() ? *value : inside.substr(separator + 2);
    } else if (value) {
      result += *value;
    } else {
      throw Error("needs the environment variable " + name + ", which is not set", "set it, or write ${" + name + ":-default}");
    }
    at = end + 1;
  }
}

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

std::filesystem::path find_input(const std::string& text, const std::filesystem::path& folder, const Variable& variable) {
  if (text.empty()) throw Error("is empty, it must be a path");
  const std::filesystem::path path = (folder / expand_variables(text, variable)).lexically_normal();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    const bool is_relative = path.string() != text;
    throw Error("is \"" + text + "\", which is not there", is_relative ? "looked for " + path.string() : std::string());
  }
  // Without a slash at the end: a folder has one spelling.
  return path.has_filename() || !path.has_relative_path() ? path : path.parent_path();
}

std::filesystem::path find_model(const std::string& text, const std::filesystem::path& folder, const Variable& variable) {
  if (text.empty()) throw Error("is empty, it must be a folder or a name in the Hugging Face cache");
  const std::filesystem::path path =
      std::filesystem::absolute(data::find_checkpoint(expand_variables(text, variable), folder)).lexically_normal();
  return path.has_filename() || !path.has_relative_path() ? path : path.parent_path();
}

}  // namespace temper::study
