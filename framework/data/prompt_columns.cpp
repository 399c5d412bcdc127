// Pairs of names, the most particular first.
#include <temper/prompt_columns.h>

#include <algorithm>

namespace temper {

std::optional<PromptColumns> guess_prompt_columns(const std::vector<std::string>& names) {
  static const std::vector<PromptColumns> usual = {
      {"prompt", "completion"}, {"prompt", "response"}, {"prompt", "answer"},  {"question", "answer"}, {"question", "answers"}, {"query", "response"}, {"query", "answer"},
      {"input", "output"},      {"input", "target"},    {"source", "target"},  {"document", "summary"}, {"article", "highlights"}, {"dialogue", "summary"},
      {"text", "summary"},      {"text", "completion"}, {"text", "target"},    {"instruction", "response"}, {"instruction", "output"}};
  const auto has = [&](const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  for (const PromptColumns& pair : usual)
    if (has(pair.prompt) && has(pair.completion)) return pair;
  return std::nullopt;
}

}  // namespace temper
