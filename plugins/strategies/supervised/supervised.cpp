// Supervised fine-tuning: the model, with the task's head on top, learns the train split's targets by gradient descent.
//
// tune chooses what is trained: everything (Howard and Ruder 2018), the head alone on frozen features, or the last blocks with
// the head (Lee, Tang and Lin 2019, "What would Elsa do?").
#include <temper/error.h>
#include <temper/strategy.h>

namespace {

struct Options {
  std::string tune = "full";
  std::int64_t last_layers = 1;

  void visit(temper::OptionVisitor& v) {
    v.option("tune", tune, "Which parameters are trained: all of them, the head alone, or the last blocks with the final norm and the head.")
        .one_of({"full", "head", "last_layers"});
    v.option("last_layers", last_layers, "How many blocks tune = \"last_layers\" trains, counted from the last.").at_least(1).in("blocks");
  }
};

class Supervised final : public temper::Strategy {
 public:
  explicit Supervised(Options options) : options_(std::move(options)) {}

  temper::Needs needs() const override { return {.model = true, .training = true, .prompt = true, .seed = true, .frozen = options_.tune == "head" || options_.tune == "last_layers"}; }

  std::string cannot(temper::Task task) const override {
    if (task == temper::Task::kClassification) return {};
    return "it trains classifiers only so far";
  }

  void adapt(temper::AdaptContext& context) override { context.run_training({.name = "supervised", .tune = tune()}); }

 private:
  temper::Tune tune() const {
    if (options_.tune == "head") return {temper::TuneMode::kHead, 0};
    if (options_.tune == "last_layers") return {temper::TuneMode::kLastLayers, options_.last_layers};
    return {temper::TuneMode::kFull, 0};
  }

  Options options_;
};

}  // namespace

TEMPER_PLUGIN(Strategy, Supervised, Options, "supervised", "Fine-tunes the model on the train split, wholly or in part.")
