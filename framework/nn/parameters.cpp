// The table of parameters.
#include <temper/torch/parameters.h>

#include <temper/error.h>

namespace temper {

Parameter& ParameterTable::add(Parameter parameter) {
  if (find(parameter.name)) throw Error("the model has two parameters called \"" + parameter.name + "\"");
  return parameters_.emplace_back(std::move(parameter));
}

void ParameterTable::keep_first(std::size_t count) {
  while (parameters_.size() > count) parameters_.pop_back();  // which leaves references to the others valid
}

const Parameter* ParameterTable::find(std::string_view name) const {
  for (const Parameter& parameter : parameters_) {
    if (parameter.name == name) return &parameter;
  }
  return nullptr;
}

Parameter* ParameterTable::find(std::string_view name) {
  return const_cast<Parameter*>(static_cast<const ParameterTable*>(this)->find(name));
}

std::int64_t ParameterTable::count() const {
  std::int64_t total = 0;
  for (const Parameter& parameter : parameters_) total += parameter.tensor.numel();
  return total;
}

std::int64_t ParameterTable::trainable_count() const {
  std::int64_t total = 0;
  for (const Parameter& parameter : parameters_) {
    if (parameter.tensor.requires_grad()) total += parameter.tensor.numel();
  }
  return total;
}

}  // namespace temper
