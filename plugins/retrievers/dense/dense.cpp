// Dense retrieval: passages and queries become vectors by one encoder, and the products of vectors rank (Karpukhin et al. 2020).
//
// The search is exact. Passages of one text share one vector, so they have one score to the bit, wherever they stand in a product.
#include <temper/torch/text_encoder.h>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <unordered_map>

#include <temper/array_file.h>
#include <temper/error.h>
#include <temper/retriever.h>

namespace {

namespace fs = std::filesystem;
using temper::Embeddings;
using temper::Hit;

constexpr const char* kFile = "vectors.safetensors";
constexpr std::int64_t kNowhere = -1;                  // the vector of an empty text
constexpr std::int64_t kScoresAtOnce = 1 << 24;        // float32: 64 MB
constexpr std::string_view kProbe = "A sentence that tells one encoder from another.";

struct Options {
  fs::path checkpoint;
  std::optional<temper::EmbeddingPooling> pooling;
  bool normalize = true;
  std::int64_t max_length = 0;
  std::int64_t batch_tokens = 4096;
  bool bf16 = false;
  std::string query_prefix, passage_prefix;

  void visit(temper::OptionVisitor& v) {
    v.option("checkpoint", checkpoint, "A Hugging Face folder of a sentence encoder, such as all-MiniLM-L6-v2.").required();
    v.option("pooling", pooling, "Which tokens make a text's vector. By default what the folder's modules.json says, else the mean.");
    v.option("normalize", normalize, "Whether vectors are scaled to length 1, so that scores are cosines.");
    v.option("max_length", max_length, "Longer texts are cut; 0: what the folder's sentence_bert_config.json says, else the model's limit.").at_least(0).in("tokens");
    v.option("batch_tokens", batch_tokens, "How much is encoded at once.").at_least(1).in("tokens").not_part_of_identity();
    v.option("bf16", bf16, "Matrix products of the encoder in bfloat16.");
    v.option("query_prefix", query_prefix, "What stands before each query, where the encoder was trained so: \"query: \".");
    v.option("passage_prefix", passage_prefix, "What stands before each passage: \"passage: \".");
  }
};

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

class Dense final : public temper::Retriever {
 public:
  explicit Dense(Options options) : options_(std::move(options)) {}

  void index(std::span<const temper::Passage> corpus) override {
    std::vector<std::int64_t> vector_of;
    std::vector<std::string> texts;
    std::unordered_map<std::string_view, std::int64_t> known;
    for (const temper::Passage& passage : corpus) {
      if (is_blank(passage.text)) {
        vector_of.push_back(kNowhere);
        continue;
      }
      const auto [place, is_new] = known.emplace(passage.text, static_cast<std::int64_t>(texts.size()));
      if (is_new) texts.push_back(options_.passage_prefix + passage.text);
      vector_of.push_back(place->second);
    }
    is_loaded_ = false;  // what was loaded is given up, whoever made it
    Embeddings vectors = encode({texts.begin(), texts.end()});
    Embeddings probe = encode({kProbe});
    set(std::move(vector_of), std::move(vectors), std::move(probe));
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(vector_of_.size()); }

  std::vector<Hit> search(std::string_view query, std::size_t k) const override { return search_batch({&query, 1}, k).front(); }

  std::vector<std::vector<Hit>> search_batch(std::span<const std::string_view> queries, std::size_t k) const override {
    std::vector<std::vector<Hit>> hits(queries.size());
    std::vector<std::size_t> asked;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      if (is_blank(queries[i]) || k == 0 || vectors_.rows == 0) continue;
      asked.push_back(i);
      texts.push_back(options_.query_prefix + std::string(queries[i]));
    }
    if (asked.empty()) return hits;
    const Embeddings encoded = encode({texts.begin(), texts.end()});
    if (encoded.width != vectors_.width) fail_other_encoder();
    const std::int64_t step = std::max<std::int64_t>(1, kScoresAtOnce / vectors_.rows);
    for (std::int64_t first = 0; first < encoded.rows; first += step) {
      const std::int64_t count = std::min(step, encoded.rows - first);
      const at::Tensor scores = product(encoded, first, count);
      for (std::int64_t i = 0; i < count; ++i) {
        hits[asked[static_cast<std::size_t>(first + i)]] = highest({scores.const_data_ptr<float>() + i * vectors_.rows, static_cast<std::size_t>(vectors_.rows)}, k);
      }
    }
    return hits;
  }

  void save(const fs::path& folder) const override {
    temper::ArrayWriter writer;
    writer.add<std::int64_t>("vector_of", {size()}, vector_of_);
    writer.add<float>("vectors", {vectors_.rows, vectors_.width}, vectors_.values);
    writer.add<float>("probe", {probe_.rows, probe_.width}, probe_.values);
    writer.write(folder / kFile);
  }

  void load(const fs::path& folder) override {
    const temper::ArrayReader reader(folder / kFile);
    std::vector<std::int64_t> passages = {-1}, shape = {-1, -1};
    std::vector<std::int64_t> vector_of = reader.read<std::int64_t>("vector_of", passages);
    Embeddings vectors, probe;
    vectors.values = reader.read<float>("vectors", shape);
    vectors.rows = shape[0];
    vectors.width = shape[1];
    probe.values = reader.read<float>("probe", {1, vectors.width});
    probe.rows = 1;
    probe.width = vectors.width;
    for (const std::int64_t place : vector_of) {
      if (place < kNowhere || place >= vectors.rows) reader.fail("is damaged: a passage has a vector that is not there");
    }
    for (const std::vector<float>* values : {&vectors.values, &probe.values}) {
      if (!std::all_of(values->begin(), values->end(), [](float value) { return std::isfinite(value); })) reader.fail("is damaged: a vector has values that are no numbers");
    }
    set(std::move(vector_of), std::move(vectors), std::move(probe));
    is_loaded_ = true;
    if (encoder_) check_probe(*encoder_);
  }

 private:
  // Opened when the first text is encoded: an index that is only carried about needs no model.
  const temper::TextEncoder& encoder() const {
    const std::lock_guard lock(mutex_);
    if (encoder_) return *encoder_;
    temper::TextEncoderOptions options;
    options.pooling = options_.pooling;
    options.normalize = options_.normalize;
    options.max_length = options_.max_length;
    options.batch_tokens = options_.batch_tokens;
    options.bf16 = options_.bf16;
    auto encoder = std::make_unique<temper::TextEncoder>(options_.checkpoint, options);
    if (is_loaded_) check_probe(*encoder);
    encoder_ = std::move(encoder);
    return *encoder_;
  }

  // An index goes with the encoder that made it. Equal encoders differ by rounding only, another one by far more than a hundredth.
  void check_probe(const temper::TextEncoder& encoder) const {
    const std::string_view probe = kProbe;
    const Embeddings now = encoder.encode({&probe, 1});
    double difference = 0, length = 0;
    if (now.width != probe_.width) fail_other_encoder();
    for (std::size_t i = 0; i < now.values.size(); ++i) {
      difference += (static_cast<double>(now.values[i]) - probe_.values[i]) * (static_cast<double>(now.values[i]) - probe_.values[i]);
      length += static_cast<double>(now.values[i]) * now.values[i];
    }
    if (!(difference <= 1e-4 * length)) fail_other_encoder();
  }
  [[noreturn]] void fail_other_encoder() const {
    throw temper::Error("the index was made by another encoder than " + options_.checkpoint.string(), "make the index anew, or name the checkpoint that it was made by");
  }

  Embeddings encode(std::vector<std::string_view> texts) const {
    Embeddings encoded = encoder().encode(texts);
    if (!std::all_of(encoded.values.begin(), encoded.values.end(), [](float value) { return std::isfinite(value); })) {
      throw temper::Error("the encoder " + options_.checkpoint.string() + " gives vectors that are no numbers");
    }
    return encoded;
  }

  void set(std::vector<std::int64_t> vector_of, Embeddings vectors, Embeddings probe) {
    vector_of_ = std::move(vector_of);
    vectors_ = std::move(vectors);
    probe_ = std::move(probe);
    passages_of_.assign(static_cast<std::size_t>(vectors_.rows), {});
    for (std::size_t passage = 0; passage < vector_of_.size(); ++passage) {
      if (vector_of_[passage] != kNowhere) passages_of_[static_cast<std::size_t>(vector_of_[passage])].push_back(static_cast<std::int64_t>(passage));
    }
  }

  at::Tensor product(const Embeddings& queries, std::int64_t first, std::int64_t count) const {  // [count, vectors]
    const at::NoGradGuard no_grad;
    const auto view = [](const std::vector<float>& values, std::int64_t begin, std::int64_t rows, std::int64_t width) {
      return at::from_blob(const_cast<float*>(values.data() + begin * width), {rows, width}, at::kFloat);
    };
    return view(queries.values, first, count, queries.width).matmul(view(vectors_.values, 0, vectors_.rows, vectors_.width).t()).contiguous();
  }

  // The k passages of the highest scores, ties in the order of the corpus. `scores` are of vectors; each stands for one passage or more.
  std::vector<Hit> highest(std::span<const float> scores, std::size_t k) const {
    std::vector<std::int64_t> order(scores.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
    const auto is_better = [&](std::int64_t a, std::int64_t b) {
      const float x = scores[static_cast<std::size_t>(a)], y = scores[static_cast<std::size_t>(b)];
      return x != y ? x > y : passages_of_[static_cast<std::size_t>(a)].front() < passages_of_[static_cast<std::size_t>(b)].front();
    };
    const std::size_t kept = std::min(k, order.size());
    if (kept < order.size()) std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(), is_better);
    std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), is_better);
    std::vector<Hit> hits;
    for (std::size_t i = 0; i < kept; ++i) {
      for (const std::int64_t passage : passages_of_[static_cast<std::size_t>(order[i])]) hits.push_back({passage, scores[static_cast<std::size_t>(order[i])]});
    }
    // Passages of unlike texts may tie as well; then those of one text do not stand together.
    std::stable_sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.score != b.score ? a.score > b.score : a.passage < b.passage; });
    if (hits.size() > k) hits.resize(k);
    return hits;
  }

  Options options_;
  std::vector<std::int64_t> vector_of_;                    // of each passage
  std::vector<std::vector<std::int64_t>> passages_of_;     // of each vector, at least one
  Embeddings vectors_, probe_;
  bool is_loaded_ = false;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<temper::TextEncoder> encoder_;
};

}  // namespace

TEMPER_PLUGIN(Retriever, Dense, Options, "dense", "Passages whose vectors are nearest to the query's, by a sentence encoder; exact search.")
