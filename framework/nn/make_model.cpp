// Models by name, and the head that answers a task.
#include "nn/checkpoint.h"

#include <algorithm>
#include <new>

#include <c10/util/Exception.h>

#include <temper/error.h>

#include "registry/registry.h"

namespace temper::nn {

namespace {

const char* describe(HeadKind kind) {
  switch (kind) {
    case HeadKind::kSequenceClassification: return "sequence classification";
    case HeadKind::kTokenClassification: return "token classification";
    case HeadKind::kQuestionAnswering: return "question answering";
    case HeadKind::kLanguageModeling: return "language modelling";
    case HeadKind::kMaskedLanguageModeling: return "masked language modelling";
  }
  return "an unknown kind";
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

HeadKind head_kind(Task task) {
  switch (task) {
    case Task::kClassification:
    case Task::kMultiLabel:
    case Task::kRegression: return HeadKind::kSequenceClassification;
    case Task::kTokenClassification: return HeadKind::kTokenClassification;
    case Task::kQuestionAnswering: return HeadKind::kQuestionAnswering;
    case Task::kGeneration:
    case Task::kLanguageModeling: return HeadKind::kLanguageModeling;
  }
  throw Error("no head answers the task \"" + std::string(to_string(task)) + "\"");
}

bool has_head(const Model& model, HeadKind kind) {
  const std::vector<HeadSpec> heads = model.heads();
  return std::any_of(heads.begin(), heads.end(), [&](const HeadSpec& head) { return head.kind == kind; });
}

HeadSpec find_head(const Model& model, HeadKind kind, const std::string& family) {
  std::vector<std::string> known;
  for (HeadSpec& head : model.heads()) {
    if (head.kind == kind) return head;
    known.push_back(describe(head.kind));
  }
  throw Error("the model family " + family + " has no head for " + describe(kind), "it has heads for " + listed(known));
}

std::unique_ptr<Model> make_model(const registry::Registry& registry, const std::string& plugin, const Value& config) {
  Value given = Value::Table();
  if (config.is_table()) {
    for (const auto& [key, value] : config.as_table()) {
      if (value.is_null()) continue;
      // Some checkpoints end a text with any of several ids; the first is the one that models know of.
      const bool is_list = key == "eos_token_id" && value.is_array() && !value.as_array().empty();
      given.set(key, is_list ? value.as_array().front() : value);
    }
  }
  const std::string failure = "a model of the family " + plugin + " with this config cannot be made: ";
  try {
    return registry.create<Model>(plugin, given, registry::UnknownKeys::kIgnore);
  } catch (const c10::Error& error) {  // sizes that no memory holds
    throw Error(failure + error.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    throw Error(failure + "there is not enough memory");
  }
}

std::string plugin_for(const registry::Registry& registry, const Value& config, const std::filesystem::path& file) {
  const std::string known = "known are " + listed(registry.claims("model"));
  const Value* type = config.find("model_type");
  if (!type || !type->is_string()) throw Error({{{file.string()}, "names no model_type", known}});
  const registry::Plugin* plugin = registry.find_claim("model", type->as_string());
  if (!plugin) throw Error({{type->place, "no model plugin reads the model_type \"" + type->as_string() + "\"", known}});
  return plugin->name();
}

}  // namespace temper::nn
