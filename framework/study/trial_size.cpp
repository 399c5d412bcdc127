// See trial_size.h.
#include "study/trial_size.h"

#include <temper/error.h>

namespace temper::study {

namespace {

// One list of members serves both ways.
template <class Size, class Visit>
void visit_phase(Size& size, Visit&& visit) {
  visit("is_of_texts", size.is_of_texts);
  visit("learning_rate", size.options.learning_rate);
  visit("epochs", size.options.epochs);
  visit("batch_size", size.options.batch_size);
  visit("max_steps", size.options.max_steps);
  visit("max_length", size.options.max_length);
  visit("examples", size.examples);
  visit("tokens", size.tokens);
  visit("targets", size.targets);
  visit("mean_length", size.mean_length);
  visit("frozen", size.frozen);
  visit("passed", size.passed);
  visit("trained", size.trained);
  visit("trained_blocks", size.trained_blocks);
  visit("trainable_parameters", size.trainable_parameters);
  visit("probe_tokens", size.probe_tokens);
  visit("validation_tokens", size.validation_tokens);
}

template <class Size, class Visit>
void visit_trial(Size& size, Visit&& visit) {
  visit("parameters", size.parameters);
  visit("layers", size.layers);
  visit("width", size.width);
  visit("vocabulary", size.vocabulary);
  visit("process_bytes", size.process_bytes);
  visit("is_sampled", size.is_sampled);
  visit("test_tokens", size.test_tokens);
  visit("saves_adapter", size.saves_adapter);
}

struct Writer {
  Value& to;
  template <class T>
  void operator()(const char* name, const T& value) const { to.set(name, Value(value)); }
  template <class T>
  void operator()(const char* name, const std::optional<T>& value) const {
    if (value) to.set(name, Value(*value));
  }
};

struct Reader {
  const Value& from;
  const Value& member(const char* name) const {
    if (const Value* found = from.find(name)) return *found;
    throw Error(std::string("the size of a trial lacks \"") + name + '"', "temper and temper-worker are of different versions");
  }
  void operator()(const char* name, bool& value) const { value = member(name).as_bool(); }
  void operator()(const char* name, std::int64_t& value) const { value = member(name).as_integer(); }
  void operator()(const char* name, double& value) const { value = member(name).as_number(); }
  void operator()(const char* name, std::optional<std::int64_t>& value) const {
    if (const Value* found = from.find(name)) value = found->as_integer();
  }
  void operator()(const char* name, std::optional<double>& value) const {
    if (const Value* found = from.find(name)) value = found->as_number();
  }
};

}  // namespace

Value to_value(const TrialSize& size) {
  Value value{Value::Table{}};
  visit_trial(size, Writer{value});
  Value::Array phases;
  for (const PhaseSize& phase : size.phases) visit_phase(phase, Writer{phases.emplace_back(Value::Table{})});
  value.set("phases", Value(std::move(phases)));
  return value;
}

TrialSize trial_size_from_value(const Value& value) {
  TrialSize size;
  const Reader reader{value};
  visit_trial(size, reader);
  for (const Value& phase : reader.member("phases").as_array()) visit_phase(size.phases.emplace_back(), Reader{phase});
  return size;
}

}  // namespace temper::study
