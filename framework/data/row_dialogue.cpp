// Chats as OpenAI writes them, {"role", "content"}, and as ShareGPT does, {"from", "value"}.
#include "data/row_parts.h"

#include <map>

namespace temper::data {

namespace {

const std::map<std::string, std::string> kRoles = {{"system", "system"}, {"developer", "system"}, {"user", "user"}, {"human", "user"}, {"assistant", "assistant"}, {"gpt", "assistant"}, {"model", "assistant"}};

const Value* either(const Value& table, const char* one, const char* other) {
  const Value* value = table.find(one);
  return value ? value : table.find(other);
}

// A text, or an array of parts of which all are texts.
std::optional<std::string> content_of(const Value& content) {
  if (content.is_string()) return content.as_string();
  if (!content.is_array()) return std::nullopt;
  std::string text;
  for (const Value& part : content.as_array()) {
    const Value* piece = part.is_table() ? part.find("text") : nullptr;
    if (!piece || !piece->is_string()) return std::nullopt;
    text += piece->as_string();
  }
  return text;
}

}  // namespace

Dialogue read_dialogue(const RowCells& cells, const std::string& column) {
  const Value document = cells.document(column, "messages");
  if (!document.is_array()) cells.fail(column, "is no array of messages");
  Dialogue dialogue;
  for (const Value& entry : document.as_array()) {
    const std::string number = "message " + std::to_string(dialogue.messages.size() + 1);
    const Value* role = entry.is_table() ? either(entry, "role", "from") : nullptr;
    const Value* content = entry.is_table() ? either(entry, "content", "value") : nullptr;
    if (!role || !role->is_string() || !content) cells.fail(column, number + " is no {\"role\", \"content\"}");
    const auto known = kRoles.find(role->as_string());
    if (known == kRoles.end()) cells.fail(column, number + " is of the role \"" + role->as_string() + "\", expected system, user or assistant");
    const auto text = content_of(*content);
    if (!text) cells.fail(column, number + " has a content that is no text");
    dialogue.messages.push_back({known->second, *text});
  }
  if (dialogue.messages.empty()) cells.fail(column, "holds no message");
  if (dialogue.messages.back().role == "assistant") {
    if (dialogue.messages.back().content.empty()) cells.fail(column, "ends with an empty message of the assistant");
    dialogue.answer = std::move(dialogue.messages.back().content);
    dialogue.messages.pop_back();
  }
  if (dialogue.messages.empty()) cells.fail(column, "holds an answer and no message before it");
  return dialogue;
}

}  // namespace temper::data
