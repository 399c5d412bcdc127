// A strategy that trains in several phases, each with another choice of parameters.
#include <string>
#include <vector>

#include <temper/strategy.h>

namespace {

struct Options {
  std::vector<std::string> tunes = {"head", "full"};
  bool keeps_phases = true;
  void visit(temper::OptionVisitor& v) {
    v.option("tunes", tunes, "What each phase trains: head, last, bitfit, lora or full.");
    v.option("keeps_phases", keeps_phases, "Whether it says that more phases follow, so that each of them is kept for a resume.");
  }
};

class Phases final : public temper::Strategy {
 public:
  explicit Phases(Options options) : options_(std::move(options)) {}
  temper::Needs needs() const override { return {.training = true}; }
  std::string cannot(temper::Task task) const override { return task == temper::Task::kClassification ? "" : "it trains classifiers"; }

  void adapt(temper::AdaptContext& context) override {
    for (std::size_t i = 0; i < options_.tunes.size(); ++i) {
      const bool more_follow = options_.keeps_phases && i + 1 < options_.tunes.size();
      context.run_training({.name = options_.tunes[i], .tune = tune(options_.tunes[i]), .more_follow = more_follow});
    }
  }

 private:
  static temper::Tune tune(const std::string& name) {
    if (name == "head") return {temper::TuneMode::kHead};
    if (name == "last") return {temper::TuneMode::kLastLayers, 1};
    if (name == "bitfit") return {temper::TuneMode::kBias};
    if (name == "lora") return {temper::TuneMode::kLora};
    return {temper::TuneMode::kFull};
  }

  Options options_;
};

}  // namespace

TEMPER_PLUGIN(Strategy, Phases, Options, "phases", "Trains in several phases, for tests.")
