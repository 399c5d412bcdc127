// See event_line.h; the format is in docs/formats/events.md.
#include "record/event_line.h"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include <temper/error.h>

namespace temper::record {

namespace {

using Json = nlohmann::ordered_json;

// JSON has no form for these; everything else is written so that it reads back to the same bits.
Json number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n'; }

struct ToJson {
  Json operator()(const TrialStarted& e) const {
    return {{"event", "started"}, {"trial", e.trial}, {"strategy", e.strategy}, {"seed", e.seed}, {"identity", e.identity}};
  }
  Json operator()(const PhaseStarted& e) const {
    return {{"event", "phase"}, {"phase", e.phase}, {"name", e.name}, {"first_step", e.first_step}, {"steps", e.steps}};
  }
  Json operator()(const StepRow& e) const {
    return {{"event", "step"},
            {"step", e.step},
            {"epoch", number(e.epoch)},
            {"seconds", number(e.seconds)},
            {"tokens", e.tokens},
            {"learning_rate", number(e.learning_rate)},
            {"loss", number(e.loss)},
            {"grad_norm", number(e.grad_norm)},
            {"phase", e.phase}};
  }
  Json operator()(const EvaluationRow& e) const {
    Json values = Json::object();
    for (const auto& [name, value] : e.values) values[name] = number(value);
    return {{"event", "evaluation"}, {"step", e.step}, {"epoch", number(e.epoch)}, {"phase", e.phase}, {"values", std::move(values)}};
  }
  Json operator()(const Warning& e) const { return {{"event", "warning"}, {"text", e.text}}; }
  Json operator()(const Note& e) const { return {{"event", "note"}, {"text", e.text}}; }
  Json operator()(const TrialFinished& e) const { return {{"event", "finished"}, {"status", e.status}, {"error", e.error}}; }
};

// Members of one line, with errors that name them.
class Line {
 public:
  Line(std::string_view text, const std::string& where) : where_(where), json_(Json::parse(text, nullptr, false)) {
    if (!json_.is_object()) throw Error(where_ + ": it is no JSON object", "the file is damaged");
  }
  std::int64_t integer(const char* key) const {
    const Json& value = member(key);
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()))
      wrong(key, "an integer");
    return value.get<std::int64_t>();
  }
  double number(const char* key) const { return as_number(member(key), key); }
  std::string string(const char* key) const {
    const Json& value = member(key);
    if (!value.is_string()) wrong(key, "a string");
    return value.get<std::string>();
  }
  std::vector<std::pair<std::string, double>> numbers(const char* key) const {
    const Json& value = member(key);
    if (!value.is_object()) wrong(key, "an object");
    std::vector<std::pair<std::string, double>> result;
    for (const auto& [name, element] : value.items()) result.emplace_back(name, as_number(element, name));
    return result;
  }
  const std::string& where() const { return where_; }

 private:
  const Json& member(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) throw Error(where_ + ": it lacks \"" + key + "\"");
    return *found;
  }
  double as_number(const Json& value, const std::string& key) const {
    if (value.is_number()) return value.get<double>();
    if (value == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (value == "Infinity") return std::numeric_limits<double>::infinity();
    if (value == "-Infinity") return -std::numeric_limits<double>::infinity();
    wrong(key, "a number");
  }
  [[noreturn]] void wrong(const std::string& key, const char* wanted) const {
    throw Error(where_ + ": \"" + key + "\" should be " + wanted);
  }
  std::string where_;
  Json json_;
};

}  // namespace

std::string header_line() {
  return dump({{"event", "header"}, {"format", kEventFormat}, {"format_version", kEventFormatVersion}, {"temper_version", TEMPER_VERSION}});
}

std::string to_line(const Event& event) { return dump(std::visit(ToJson{}, event)); }

void check_header(std::string_view text, const std::string& where) {
  const Line line(text, where);
  if (line.string("event") != "header" || line.string("format") != kEventFormat)
    throw Error(where + ": it should be the header of format " + kEventFormat, "the file is no event log of temper, or damaged");
  if (line.integer("format_version") > kEventFormatVersion)
    throw Error(where + ": its format version is " + std::to_string(line.integer("format_version")) + ", this temper reads up to " +
                    std::to_string(kEventFormatVersion),
                "use the temper that wrote it, or a newer one");
}

Event from_line(std::string_view text, const std::string& where) {
  const Line line(text, where);
  const std::string event = line.string("event");
  if (event == "started") return TrialStarted{line.integer("trial"), line.string("strategy"), line.integer("seed"), line.string("identity")};
  if (event == "phase") return PhaseStarted{line.integer("phase"), line.string("name"), line.integer("first_step"), line.integer("steps")};
  if (event == "step")
    return StepRow{line.integer("step"),         line.number("epoch"), line.number("seconds"),   line.integer("tokens"),
                   line.number("learning_rate"), line.number("loss"),  line.number("grad_norm"), line.integer("phase")};
  if (event == "evaluation") return EvaluationRow{line.integer("step"), line.number("epoch"), line.integer("phase"), line.numbers("values")};
  if (event == "warning") return Warning{line.string("text")};
  if (event == "note") return Note{line.string("text")};
  if (event == "finished") return TrialFinished{line.string("status"), line.string("error")};
  throw Error(where + ": there is no event \"" + event + "\"", "the file is damaged, or of a newer temper");
}

}  // namespace temper::record
