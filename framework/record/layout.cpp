// See layout.h.
#include "record/layout.h"

#include <algorithm>
#include <array>

namespace temper::record {

namespace {

struct Known {
  std::string_view name, long_name, units;
};

constexpr std::array kColumns = {
    Known{"step", "optimizer steps taken, through all phases", ""},
    Known{"epoch", "passes over the phase's training items", ""},
    Known{"seconds", "time of training since the trial began", "s"},
    Known{"tokens", "tokens trained on so far", ""},
    Known{"learning_rate", "learning rate of the step", ""},
    Known{"loss", "loss of the step's items in training mode, per target", "nat"},
    Known{"grad_norm", "norm of the gradient before clipping", ""},
    Known{"phase", "index of the phase in @phases", ""},
    Known{"train_loss", "loss on the train probe in evaluation mode, per target", "nat"},
    Known{"validation_loss", "loss on the validation split in evaluation mode, per target", "nat"},
    Known{"forgetting_loss", "loss on a general text in evaluation mode, per token", "nat"},
    Known{"id", "the item's id in its data set", ""},
    Known{"prediction", "what the trial answered", ""},
    Known{"reference", "the right answer", ""},
    Known{"used_ids", "ids of shots and passages in the prompt, a JSON array", ""},
    Known{"dropped_ids", "ids of shots and passages that did not fit the prompt, a JSON array", ""},
    Known{"written", "what the model wrote behind the prompt", ""},
    Known{"finish", "why the model's text ended", ""},
    Known{"prompt_tokens", "length of the prompt", "token"},
    Known{"answer_tokens", "length of what the model wrote", "token"},
    Known{"trial", "the trial's number, and the name of its group in /trials", ""},
    Known{"strategy", "the strategy's name in the experiment", ""},
    Known{"seed", "the trial's seed", ""},
    Known{"status", "how the trial ended", ""},
    Known{"verdict", "what its curves tell", ""},
    Known{kInFile, "whether the experiment file still has the trial", ""},
};

bool strip(std::string_view& name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::string member_name(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c == '/') result += "\xE2\x88\x95";
    else result += c;
  }
  return result == "." ? "\xE2\x80\xA4" : result;  // U+2024: a lone dot means the group itself
}

Label label_of_column(std::string_view name) {
  for (const Known& known : kColumns)
    if (known.name == name) return {std::string(known.long_name), std::string(known.units)};
  std::string_view metric = name;
  if (strip(metric, "train_")) return {std::string(metric) + " on the train probe", ""};
  if (strip(metric, "validation_")) return {std::string(metric) + " on the validation split", ""};
  if (strip(metric, "score_")) return {std::string(metric) + " of the single item", ""};
  return {std::string(name), ""};
}

Hdf5Attribute to_attribute(const Value& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_integer()) return value.as_integer();
  if (value.is_float()) return value.as_number();
  if (value.is_string()) return value.as_string();
  constexpr std::size_t kMostElements = 2000;  // an attribute is at most 64 KiB
  if (value.is_array() && value.as_array().size() <= kMostElements) {
    const Value::Array& array = value.as_array();
    const auto all = [&](auto is) { return std::all_of(array.begin(), array.end(), is); };
    if (all([](const Value& v) { return v.is_string(); })) {  // an empty array, too
      std::vector<std::string> strings;
      for (const Value& v : array) strings.push_back(v.as_string());
      return strings;
    }
    if (all([](const Value& v) { return v.is_integer(); })) {
      std::vector<std::int64_t> integers;
      for (const Value& v : array) integers.push_back(v.as_integer());
      return integers;
    }
    if (all([](const Value& v) { return v.is_number(); })) {
      std::vector<double> numbers;
      for (const Value& v : array) numbers.push_back(v.as_number());
      return numbers;
    }
  }
  return to_json(value);
}

Value to_value(const Hdf5Attribute& attribute) {
  return std::visit(
      [](const auto& held) -> Value {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::int64_t> || std::is_same_v<T, double> ||
                      std::is_same_v<T, std::string>) {
          return Value(held);
        } else {
          Value::Array array;
          for (const auto& element : held) array.emplace_back(element);
          return Value(std::move(array));
        }
      },
      attribute);
}

void set_signal(Hdf5Group& group, const std::string& signal, const std::string& axes, const std::vector<std::string>& others) {
  group.set_attribute("NX_class", std::string("NXdata"));
  group.set_attribute("signal", signal);
  group.set_attribute("axes", axes);
  if (!others.empty()) group.set_attribute("auxiliary_signals", others);
}

void write_parameters(Hdf5Group& trial, const std::vector<std::pair<std::string, Value>>& parameters,
                      const std::vector<std::string>& swept) {
  Hdf5Group group = trial.create_group("parameters");
  for (const auto& [path, value] : parameters) {
    if (!value.is_null()) group.set_attribute(path, to_attribute(value));
  }
  group.set_attribute(kSweptAttribute, swept);
}

}  // namespace temper::record
