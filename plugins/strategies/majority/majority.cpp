// The baseline that looks at no input: it answers the most frequent label of the train split.
//
// Its probabilities are the labels' shares in the train split with one added to each count (Laplace's rule of succession), so
// that a label which train lacks has a finite cross-entropy. Equal counts: the first label in the task's order.
#include <map>

#include <temper/error.h>
#include <temper/json_file.h>
#include <temper/label_prediction.h>
#include <temper/labelled_rows.h>
#include <temper/strategy.h>

namespace {

class Majority final : public temper::Strategy {
 public:
  explicit Majority(temper::NoOptions) {}

  temper::Needs needs() const override { return {.model = false, .training = false, .prompt = false, .seed = false}; }

  std::string cannot(temper::Task task) const override {
    if (task == temper::Task::kClassification) return {};
    return "a most frequent answer needs labels";
  }

  void adapt(temper::AdaptContext& context) override {
    std::map<std::string, double> counts;
    for (const temper::LabelledRow& row : temper::labelled_rows(context.train())) counts[row.label] += 1;
    shares_.clear();
    double total = 0;
    for (const std::string& label : context.task().labels) total += shares_.emplace_back(counts[label] + 1);
    for (double& share : shares_) share /= total;
  }

  std::vector<temper::Prediction> predict(temper::PredictContext& context, std::span<const temper::Item> items) override {
    const std::vector<std::string>& labels = context.task().labels;
    if (shares_.size() != labels.size()) throw temper::Error("majority knows " + std::to_string(shares_.size()) + " labels, the task has " + std::to_string(labels.size()));
    std::vector<temper::Prediction> predictions;
    for (const temper::Item& item : items) predictions.push_back(temper::label_prediction(item.id, labels, shares_));
    return predictions;
  }

  void save(const std::filesystem::path& folder) const override {
    temper::write_json_file(folder / kFile, temper::Value(temper::Value::Table{{"shares", temper::to_value(shares_)}}));
  }

  void load(const std::filesystem::path& folder) override { shares_ = temper::JsonFile(folder / kFile).read<std::vector<double>>("shares"); }

 private:
  static constexpr const char* kFile = "majority.json";

  std::vector<double> shares_;  // of each label in the train split, smoothed, in the task's order
};

}  // namespace

TEMPER_PLUGIN(Strategy, Majority, temper::NoOptions, "majority", "Always answers the most frequent label of the train split: the baseline to beat.")
