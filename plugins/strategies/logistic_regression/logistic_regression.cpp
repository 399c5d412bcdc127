// Multinomial logistic regression on frozen features: the model's embeddings, or words. The honest cheap baseline.
//
// Options carry scikit-learn's names. Labels that the train split lacks have no weights: each gets one part of (rows + 1 + such labels),
// the others share the rest; where there is none the probabilities are the regression's own.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include <temper/array_file.h>
#include <temper/error.h>
#include <temper/json_file.h>
#include <temper/label_prediction.h>
#include <temper/labelled_rows.h>
#include <temper/strategy.h>

#include "fit.h"
#include "tfidf.h"

namespace temper::logistic_regression {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string features = "embedding";
  EmbeddingPooling pooling = EmbeddingPooling::kMean;
  bool normalize = true;
  FitOptions fit;

  void visit(OptionVisitor& v) {
    v.option("features", features, "What the regression sees: the model's embeddings, or words weighted by tf-idf, which needs no model.").one_of({"embedding", "tfidf"});
    v.option("pooling", pooling, "Which tokens make an item's embedding.");
    v.option("normalize", normalize, "Whether embeddings are scaled to length 1.");
    v.option("C", fit.C, "The inverse of the strength of the L2 penalty, as in scikit-learn.").above(0);
    v.option("max_iter", fit.max_iter, "Iterations of L-BFGS at most; what they reached is then taken.").at_least(1).at_most(1e9);
    v.option("tol", fit.tol, "The optimiser stops where the gradient's length falls below this share of the weights' length (or of 1).").above(0);
  }
};

class LogisticRegression final : public Strategy {
 public:
  explicit LogisticRegression(Options options) : options_(std::move(options)) {}

  Needs needs() const override {
    Needs needs{.model = !by_words(), .training = false, .prompt = true, .seed = false};
    if (by_words()) needs.unread = {"pooling", "normalize"};
    return needs;
  }

  std::string cannot(Task task) const override {
    if (task == Task::kClassification) return {};
    return "it chooses among labels";
  }

  void adapt(AdaptContext& context) override {
    std::vector<Item> items;
    std::vector<std::int64_t> class_of;
    std::map<std::string, std::int64_t> known;
    for (const std::string& label : context.task().labels) known.emplace(label, -1);
    std::vector<std::string> labels;
    for (const LabelledRow& row : labelled_rows(context.train())) {
      if (!known.contains(row.label)) continue;
      items.push_back(context.train().item(row.row));
      labels.push_back(row.label);
    }
    // Classes in the order of the task's labels.
    classes_.clear();
    for (const std::string& label : context.task().labels) {
      if (std::find(labels.begin(), labels.end(), label) == labels.end()) continue;
      known[label] = static_cast<std::int64_t>(classes_.size());
      classes_.push_back(label);
    }
    for (const std::string& label : labels) class_of.push_back(known[label]);
    if (by_words()) tfidf_ = Tfidf(texts(context, items));
    train_rows_ = static_cast<std::int64_t>(items.size());
    weights_ = fit(features(context, items), class_of, static_cast<std::int64_t>(classes_.size()), options_.fit);
  }

  std::vector<Prediction> predict(PredictContext& context, std::span<const Item> items) override {
    std::vector<Prediction> predictions;
    if (items.empty()) return predictions;
    const Rows rows = features(context, items);
    if (rows.width != weights_.width && weights_.outputs() > 0) {
      throw Error("the model's embeddings have " + std::to_string(rows.width) + " values, the regression was fitted to " + std::to_string(weights_.width));
    }
    for (std::size_t i = 0; i < items.size(); ++i) predictions.push_back(answer(items[i].id, probabilities(weights_, rows, i), context.task().labels));
    return predictions;
  }

  void save(const fs::path& folder) const override {
    const auto array = [](const std::vector<std::string>& texts) { return Value(Value::Array(texts.begin(), texts.end())); };
    const Value names(Value::Table{{"classes", array(classes_)}, {"train_rows", Value(train_rows_)}, {"words", array(tfidf_.words())}});
    write_json_file(folder / kNames, names);
    ArrayWriter writer;
    writer.add<double>("weights", {weights_.outputs(), weights_.width}, weights_.values);
    writer.add<double>("intercepts", {weights_.outputs()}, weights_.intercepts);
    writer.add<double>("idf", {static_cast<std::int64_t>(tfidf_.idf().size())}, tfidf_.idf());
    writer.write(folder / kArrays);
  }

  void load(const fs::path& folder) override {
    const JsonFile names(folder / kNames);
    classes_ = names.read<std::vector<std::string>>("classes");
    train_rows_ = names.read<std::int64_t>("train_rows");
    std::vector<std::string> words = names.read<std::vector<std::string>>("words");
    if (!std::is_sorted(words.begin(), words.end()) || std::adjacent_find(words.begin(), words.end()) != words.end()) names.fail("has words out of order");
    const ArrayReader reader(folder / kArrays);
    const std::int64_t outputs = outputs_of(static_cast<std::int64_t>(classes_.size()));
    std::vector<std::int64_t> shape = {outputs, by_words() ? static_cast<std::int64_t>(words.size()) : -1};
    weights_.classes = static_cast<std::int64_t>(classes_.size());
    weights_.values = reader.read<double>("weights", shape);
    weights_.width = shape[1];
    weights_.intercepts = reader.read<double>("intercepts", {outputs});
    std::vector<double> idf = reader.read<double>("idf", {static_cast<std::int64_t>(words.size())});
    for (const auto* numbers : {&weights_.values, &weights_.intercepts, &idf}) {
      if (!std::all_of(numbers->begin(), numbers->end(), [](double value) { return std::isfinite(value); })) reader.fail("has values that are no numbers");
    }
    tfidf_ = Tfidf(std::move(words), std::move(idf));
  }

 private:
  static constexpr const char* kNames = "logistic_regression.json";
  static constexpr const char* kArrays = "logistic_regression.safetensors";

  bool by_words() const { return options_.features == "tfidf"; }

  static std::vector<std::string> texts(StrategyContext& context, std::span<const Item> items) {
    std::vector<std::string> result;
    for (const Item& item : items) result.push_back(context.format().input(item));
    return result;
  }

  Rows features(StrategyContext& context, std::span<const Item> items) const {
    if (by_words()) return tfidf_.rows(texts(context, items));
    const Embeddings embeddings = context.embed(items, {.pooling = options_.pooling, .normalize = options_.normalize});
    Rows rows;
    rows.width = embeddings.width;
    rows.values.assign(embeddings.values.begin(), embeddings.values.end());
    for (std::int64_t i = 1; i <= embeddings.rows; ++i) rows.begins.push_back(static_cast<std::size_t>(i * embeddings.width));
    if (!std::all_of(rows.values.begin(), rows.values.end(), [](double value) { return std::isfinite(value); })) throw Error("the model's embedding of an item has values that are no numbers");
    return rows;
  }

  Prediction answer(const std::string& id, const std::vector<double>& p, const std::vector<std::string>& labels) const {
    const double absent = static_cast<double>(labels.size() - std::min(labels.size(), classes_.size()));
    const double whole = static_cast<double>(train_rows_) + 1 + absent;
    std::vector<double> probabilities;
    std::size_t found = 0;
    for (const std::string& label : labels) {
      const auto own = std::find(classes_.begin(), classes_.end(), label);
      if (own == classes_.end()) {
        probabilities.push_back(classes_.empty() ? 1 / static_cast<double>(labels.size()) : 1 / whole);
      } else {
        const double share = p[static_cast<std::size_t>(own - classes_.begin())];
        probabilities.push_back(absent > 0 ? share * (whole - absent) / whole : share);
        ++found;
      }
    }
    if (found != classes_.size()) throw Error("the regression was fitted to labels that the task does not have");
    return label_prediction(id, labels, std::move(probabilities));
  }

  Options options_;
  std::vector<std::string> classes_;  // labels that the train split has
  std::int64_t train_rows_ = 0;
  Tfidf tfidf_;
  Weights weights_;
};

}  // namespace
}  // namespace temper::logistic_regression

using temper::logistic_regression::LogisticRegression;
using LogisticRegressionOptions = temper::logistic_regression::Options;
TEMPER_PLUGIN(Strategy, LogisticRegression, LogisticRegressionOptions, "logistic_regression", "Fits a logistic regression to embeddings or words: the cheap baseline.")
