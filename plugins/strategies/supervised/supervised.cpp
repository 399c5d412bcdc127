// Supervised fine-tuning: the model, with the task's head on top, learns the train split's targets by gradient descent.
//
// tune chooses what is trained: everything (Howard and Ruder 2018), the head alone on frozen features, or the last blocks with
// the head (Lee, Tang and Lin 2019, "What would Elsa do?"), biases and the head (BitFit: Ben Zaken, Ravfogel and Goldberg 2021), or
// low-rank updates of chosen matrices and the head (LoRA: Hu et al. 2021).
#include <temper/error.h>
#include <temper/strategy.h>
#include <temper/unread_options.h>

namespace {

struct Options {
  std::string tune = "full";
  std::int64_t last_layers = 1;
  temper::LoraOptions lora;
  temper::GenerationOptions generation;

  void visit(temper::OptionVisitor& v) {
    v.option("tune", tune, "Which parameters are trained: all of them, the head alone, the last blocks with the final norm and the head, the biases and the head, or low-rank adapters and the head.")
        .one_of({"full", "head", "last_layers", "bitfit", "lora"});
    v.option("last_layers", last_layers, "How many blocks tune = \"last_layers\" trains, counted from the last.").at_least(1).in("blocks");
    v.table("lora", lora, "The adapters of tune = \"lora\", under PEFT's names.");
    v.table("generation", generation, "How the trained model writes its answers, where the task asks for a text.");
  }
};

class Supervised final : public temper::Strategy {
 public:
  explicit Supervised(Options options) : options_(std::move(options)) {}

  temper::Needs needs() const override {
    temper::Needs needs{.model = true, .training = true, .prompt = true, .seed = true, .frozen = options_.tune == "head" || options_.tune == "last_layers"};
    needs.unread = temper::unread_options(options_.generation);
    if (options_.tune != "last_layers") needs.unread.push_back("last_layers");
    if (options_.tune != "lora") needs.unread.push_back("lora");
    return needs;
  }

  std::string cannot(temper::Task) const override { return {}; }

  temper::AnswerOptions answer_options() const override {
    temper::AnswerOptions answer;
    answer.generation = options_.generation;
    return answer;
  }

  void adapt(temper::AdaptContext& context) override { context.run_training({.name = "supervised", .tune = tune()}); }

 private:
  temper::Tune tune() const {
    if (options_.tune == "head") return {temper::TuneMode::kHead, 0};
    if (options_.tune == "last_layers") return {temper::TuneMode::kLastLayers, options_.last_layers};
    if (options_.tune == "bitfit") return {temper::TuneMode::kBias, 0};
    if (options_.tune == "lora") return {temper::TuneMode::kLora, 0, options_.lora};
    return {temper::TuneMode::kFull, 0};
  }

  Options options_;
};

}  // namespace

TEMPER_PLUGIN(Strategy, Supervised, Options, "supervised", "Fine-tunes the model on the train split, wholly or in part.")
