// See strategy_needs.h.
#include "study/strategy_needs.h"

#include <string>

#include <temper/error.h>

namespace temper::study {

namespace {

constexpr std::pair<const char*, bool Needs::*> kNeeds[] = {
    {"model", &Needs::model}, {"training", &Needs::training}, {"prompt", &Needs::prompt}, {"seed", &Needs::seed}, {"frozen", &Needs::frozen}};

constexpr Task kTasks[] = {Task::kClassification, Task::kMultiLabel, Task::kRegression, Task::kTokenClassification,
                           Task::kQuestionAnswering, Task::kGeneration, Task::kLanguageModeling};

}  // namespace

Value describe_needs(const Strategy& strategy) {
  const Needs needs = strategy.needs();
  Value told = Value::Table(), cannot = Value::Table();
  for (const auto& [name, need] : kNeeds) told.set(name, needs.*need);
  told.set("unread", Value::Array(needs.unread.begin(), needs.unread.end()));
  for (const Task task : kTasks) cannot.set(std::string(to_string(task)), strategy.cannot(task));
  return Value::Table{{"needs", std::move(told)}, {"cannot", std::move(cannot)}};
}

Needs needs_from_value(const Value& value) {
  Needs needs;
  for (const auto& [name, need] : kNeeds) {
    const Value* told = value.find(name);
    if (!told) throw Error(std::string("a strategy's needs lack \"") + name + '"');
    needs.*need = told->as_bool();
  }
  if (const Value* unread = value.find("unread")) from_value(*unread, needs.unread);
  return needs;
}

}  // namespace temper::study
