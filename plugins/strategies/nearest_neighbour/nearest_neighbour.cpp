// The k nearest training items vote (Fix and Hodges 1951; Cover and Hart 1967).
//
// Near are items whose embeddings have a high cosine, or those that bm25 ranks high for the item's words. A label's probability is its
// share of the votes, with one further vote spread evenly over all labels, so that none has probability 0. Equal votes: the label of the
// nearest of them.
#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include <temper/array_file.h>
#include <temper/error.h>
#include <temper/json_file.h>
#include <temper/labelled_rows.h>
#include <temper/saved_index.h>
#include <temper/strategy.h>

namespace {

namespace fs = std::filesystem;

const temper::PluginChoice kByWords{"bm25", temper::Value::Table()};

struct Options {
  std::int64_t k = 5;
  std::string weighting = "uniform";
  std::string features = "embedding";
  temper::EmbeddingPooling pooling = temper::EmbeddingPooling::kMean;

  void visit(temper::OptionVisitor& v) {
    v.option("k", k, "How many training items vote; all where there are fewer.").at_least(1);
    v.option("weighting", weighting, "One vote each, or votes in proportion to similarity.").one_of({"uniform", "similarity"});
    v.option("features", features, "What is compared: the model's embeddings, or words (by bm25, which needs no model).").one_of({"embedding", "words"});
    v.option("pooling", pooling, "Which tokens make an item's embedding.");
  }
};

struct Neighbour {
  std::int64_t row = 0;
  double similarity = 0;
};

// Eight sums side by side, which the compiler turns into vector instructions; always in the same order.
double dot(std::span<const float> a, std::span<const float> b) {
  float sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= a.size(); i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  double total = 0;
  for (; i < a.size(); ++i) total += static_cast<double>(a[i]) * b[i];
  return std::accumulate(std::begin(sums), std::end(sums), total);
}

class NearestNeighbour final : public temper::Strategy {
 public:
  explicit NearestNeighbour(Options options) : options_(std::move(options)) {}

  temper::Needs needs() const override {
    temper::Needs needs{.model = !by_words(), .training = false, .prompt = true, .seed = false};
    if (by_words()) needs.unread = {"pooling"};
    return needs;
  }

  std::string cannot(temper::Task task) const override {
    if (task == temper::Task::kClassification) return {};
    return "neighbours vote for labels";
  }

  void adapt(temper::AdaptContext& context) override {
    std::vector<temper::Item> items;
    labels_.clear();
    for (temper::LabelledRow& row : temper::labelled_rows(context.train())) {
      items.push_back(context.train().item(row.row));
      labels_.push_back(std::move(row.label));
    }
    if (by_words()) retriever_ = context.index(kByWords, passages(context, items));
    else train_ = embed(context, items);
  }

  std::vector<temper::Prediction> predict(temper::PredictContext& context, std::span<const temper::Item> items) override {
    const std::vector<std::vector<Neighbour>> neighbours = by_words() ? found_by_words(context, items) : found_by_embedding(context, items);
    std::vector<temper::Prediction> predictions;
    for (std::size_t i = 0; i < items.size(); ++i) predictions.push_back(vote(items[i].id, neighbours[i], context.task().labels));
    return predictions;
  }

  void save(const fs::path& folder) const override {
    temper::write_json_file(folder / "labels.json", temper::to_value(labels_));
    if (by_words()) {
      temper::save_index(*retriever_, folder);
    } else {
      temper::ArrayWriter writer;
      writer.add<float>("embeddings", {train_.rows, train_.width}, train_.values);
      writer.write(folder / "embeddings.safetensors");
    }
  }

  void load(const fs::path& folder) override {
    const temper::JsonFile file(folder / "labels.json");
    if (!file.document().is_array()) file.fail("is no array of labels");
    labels_ = file.as<std::vector<std::string>>();
    const std::int64_t rows = static_cast<std::int64_t>(labels_.size());
    if (by_words()) {
      retriever_ = temper::load_index(kByWords, folder);
      if (retriever_->size() != rows) file.fail("has " + std::to_string(rows) + " labels, the index beside it " + std::to_string(retriever_->size()) + " items");
    } else {
      const temper::ArrayReader reader(folder / "embeddings.safetensors");
      std::vector<std::int64_t> shape = {rows, -1};
      train_.values = reader.read<float>("embeddings", shape);
      train_.rows = shape[0];
      train_.width = shape[1];
      check(train_, folder / "embeddings.safetensors");
    }
  }

 private:
  bool by_words() const { return options_.features == "words"; }
  std::size_t k() const { return static_cast<std::size_t>(options_.k); }

  static void check(const temper::Embeddings& embeddings, const fs::path& from) {
    if (!std::all_of(embeddings.values.begin(), embeddings.values.end(), [](float value) { return std::isfinite(value); })) {
      throw temper::Error(from.string() + " has values that are no numbers");
    }
  }

  static std::vector<temper::Passage> passages(temper::StrategyContext& context, std::span<const temper::Item> items) {
    std::vector<temper::Passage> result;
    for (const temper::Item& item : items) result.push_back({item.id, context.format().input(item)});
    return result;
  }

  temper::Embeddings embed(temper::StrategyContext& context, std::span<const temper::Item> items) const {
    temper::Embeddings embeddings = context.embed(items, {.pooling = options_.pooling});
    check(embeddings, "the model's embedding of an item");
    return embeddings;
  }

  std::vector<std::vector<Neighbour>> found_by_words(temper::StrategyContext& context, std::span<const temper::Item> items) const {
    const std::vector<temper::Passage> queries = passages(context, items);
    std::vector<std::string_view> texts;
    for (const temper::Passage& query : queries) texts.push_back(query.text);
    std::vector<std::vector<Neighbour>> result;
    for (const std::vector<temper::Hit>& hits : retriever_->search_batch(texts, k())) {
      result.emplace_back();
      for (const temper::Hit& hit : hits) result.back().push_back({hit.passage, hit.score});
    }
    return result;
  }

  std::vector<std::vector<Neighbour>> found_by_embedding(temper::StrategyContext& context, std::span<const temper::Item> items) const {
    std::vector<std::vector<Neighbour>> result;
    if (items.empty()) return result;
    const temper::Embeddings queries = embed(context, items);
    if (train_.rows > 0 && queries.width != train_.width) {
      throw temper::Error("the model's embeddings have " + std::to_string(queries.width) + " values, those that were saved " + std::to_string(train_.width));
    }
    std::vector<Neighbour> all(static_cast<std::size_t>(train_.rows));
    const std::size_t kept = std::min(k(), all.size());
    for (std::int64_t i = 0; i < queries.rows; ++i) {
      for (std::int64_t row = 0; row < train_.rows; ++row) all[static_cast<std::size_t>(row)] = {row, dot(queries.row(i), train_.row(row))};
      std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(), [](const Neighbour& a, const Neighbour& b) {
        return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
      });
      result.emplace_back(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept));
    }
    return result;
  }

  // Weights by similarity are scaled to one vote per neighbour in the mean; a negative cosine has no vote.
  std::vector<double> weights(const std::vector<Neighbour>& neighbours) const {
    std::vector<double> result(neighbours.size(), 1.0);
    if (options_.weighting == "uniform") return result;
    double total = 0;
    for (const Neighbour& neighbour : neighbours) total += std::max(0.0, neighbour.similarity);
    if (total <= 0) return result;
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = std::max(0.0, neighbours[i].similarity) * static_cast<double>(result.size()) / total;
    return result;
  }

  temper::Prediction vote(const std::string& id, const std::vector<Neighbour>& neighbours, const std::vector<std::string>& labels) const {
    std::vector<double> votes(labels.size(), 1.0 / static_cast<double>(labels.size()));
    std::vector<std::size_t> order;  // labels as neighbours name them, the nearest first
    const std::vector<double> weight = weights(neighbours);
    const auto add = [&](const std::string& name, double amount) {
      const auto label = std::find(labels.begin(), labels.end(), name);
      if (label == labels.end()) throw temper::Error("a training item's label \"" + name + "\" is none of the task's");
      votes[static_cast<std::size_t>(label - labels.begin())] += amount;
      order.push_back(static_cast<std::size_t>(label - labels.begin()));
    };
    for (std::size_t i = 0; i < neighbours.size(); ++i) add(labels_.at(static_cast<std::size_t>(neighbours[i].row)), weight[i]);
    if (neighbours.empty()) {  // nothing is near: what is frequent in training
      for (const std::string& name : labels_) add(name, 1);
    }
    std::size_t best = static_cast<std::size_t>(std::max_element(votes.begin(), votes.end()) - votes.begin());
    for (const std::size_t label : order) {
      if (votes[label] < votes[best]) continue;
      best = label;
      break;
    }
    const double total = std::accumulate(votes.begin(), votes.end(), 0.0);
    temper::Prediction prediction;
    prediction.id = id;
    prediction.value = temper::Label{labels.at(best)};
    for (const double amount : votes) prediction.probabilities.push_back(amount / total);
    return prediction;
  }

  Options options_;
  std::vector<std::string> labels_;  // of the training items
  temper::Embeddings train_;
  std::shared_ptr<const temper::Retriever> retriever_;
};

}  // namespace

TEMPER_PLUGIN(Strategy, NearestNeighbour, Options, "nearest_neighbour", "The most similar training items vote: a baseline without training.")
