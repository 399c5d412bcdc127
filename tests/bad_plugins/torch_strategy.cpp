// A strategy that says that it uses libtorch: only a worker can tell what it reads. It answers the first label, crashes when asked for
// it, or does not come into being.
#include <cstdlib>
#include <string>

#include <temper/error.h>
#include <temper/strategy.h>

#undef TEMPER_TORCH_VERSION
#define TEMPER_TORCH_VERSION TEMPER_BUILD_TORCH_VERSION

namespace {

struct Options {
  std::string mood = "good";
  std::int64_t shots = 0;
  void visit(temper::OptionVisitor& v) {
    v.option("mood", mood, "How it behaves when it is asked what it reads.").one_of({"good", "throws", "crashes"});
    v.option("shots", shots, "Without any it needs no seed.").at_least(0);
  }
};

class TorchStrategy final : public temper::Strategy {
 public:
  explicit TorchStrategy(Options options) : options_(std::move(options)) {
    if (options_.mood == "throws") throw temper::Error("it is not in the mood");
  }
  temper::Needs needs() const override {
    if (options_.mood == "crashes") std::abort();
    return {.model = false, .training = false, .prompt = false, .seed = options_.shots > 0};
  }
  std::string cannot(temper::Task task) const override { return task == temper::Task::kClassification ? "" : "it knows labels only"; }
  void adapt(temper::AdaptContext&) override {}
  std::vector<temper::Prediction> predict(temper::PredictContext& context, std::span<const temper::Item> items) override {
    std::vector<temper::Prediction> predictions;
    for (const temper::Item& item : items) {
      predictions.emplace_back().id = item.id;
      predictions.back().value = temper::Label{context.task().labels.at(0)};
    }
    return predictions;
  }

 private:
  Options options_;
};

}  // namespace

TEMPER_PLUGIN(Strategy, TorchStrategy, Options, "torch_strategy", "For the worker only.")
