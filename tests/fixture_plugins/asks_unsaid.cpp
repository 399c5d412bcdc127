// A strategy that spells items as [prompt] says, and said that it does not read it.
#include <string>

#include <temper/label_prediction.h>
#include <temper/strategy.h>

namespace {

struct Options {
  std::string when = "adapt";
  void visit(temper::OptionVisitor& v) { v.option("when", when, "When it asks.").one_of({"adapt", "predict", "never"}); }
};

class AsksUnsaid final : public temper::Strategy {
 public:
  explicit AsksUnsaid(Options options) : options_(std::move(options)) {}
  temper::Needs needs() const override { return {.model = false, .prompt = false, .seed = false}; }
  std::string cannot(temper::Task task) const override { return task == temper::Task::kClassification ? "" : "it knows labels only"; }
  void adapt(temper::AdaptContext& context) override {
    if (options_.when == "adapt") context.format().input(context.train().item(0));
  }
  std::vector<temper::Prediction> predict(temper::PredictContext& context, std::span<const temper::Item> items) override {
    const std::vector<std::string>& labels = context.task().labels;
    std::vector<temper::Prediction> predictions;
    for (const temper::Item& item : items) {
      if (options_.when == "predict") context.format().input(item);
      predictions.push_back(temper::label_prediction(item.id, labels, std::vector<double>(labels.size(), 1.0 / static_cast<double>(labels.size()))));
    }
    return predictions;
  }

 private:
  Options options_;
};

}  // namespace

TEMPER_PLUGIN(Strategy, AsksUnsaid, Options, "asks_unsaid", "Spells items although it says that it does not, for tests.")
