// A strategy that does next to nothing, so that what a trial costs besides its training can be timed: it draws answers from its seed.
#include <random>

#include <temper/json_file.h>
#include <temper/label_prediction.h>
#include <temper/strategy.h>

namespace {

struct CoinOptions {
  double bias = 0;
  void visit(temper::OptionVisitor& v) { v.option("bias", bias, "Added to the first label's draw.").at_least(0); }
};

class Coin final : public temper::Strategy {
 public:
  explicit Coin(CoinOptions options) : options_(options) {}

  temper::Needs needs() const override { return {.model = false, .training = false, .prompt = false, .seed = true}; }
  std::string cannot(temper::Task task) const override { return task == temper::Task::kClassification ? "" : "a coin has sides alone"; }
  void adapt(temper::AdaptContext& context) override { seed_ = context.seed(); }

  std::vector<temper::Prediction> predict(temper::PredictContext& context, std::span<const temper::Item> items) override {
    std::mt19937_64 generator(seed_);
    const std::vector<std::string>& labels = context.task().labels;
    std::vector<temper::Prediction> predictions;
    for (const temper::Item& item : items) {
      std::vector<double> shares;
      double sum = 0;
      for (std::size_t label = 0; label < labels.size(); ++label) sum += shares.emplace_back(static_cast<double>(generator() >> 11) * 0x1p-53 + (label == 0 ? options_.bias : 0));
      for (double& share : shares) share /= sum;
      predictions.push_back(temper::label_prediction(item.id, labels, shares));
    }
    return predictions;
  }

  void save(const std::filesystem::path& folder) const override {
    temper::write_json_file(folder / "coin.json", temper::Value(temper::Value::Table{{"seed", static_cast<std::int64_t>(seed_)}}));
  }
  void load(const std::filesystem::path& folder) override { seed_ = static_cast<std::uint64_t>(temper::JsonFile(folder / "coin.json").read<std::int64_t>("seed")); }

 private:
  CoinOptions options_;
  std::uint64_t seed_ = 0;
};

}  // namespace

TEMPER_PLUGIN(Strategy, Coin, CoinOptions, "coin", "Draws its answers: what a trial costs that does nothing.")
