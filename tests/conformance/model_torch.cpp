// The conformance suite of model plugins.
#include <temper/testing/model.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <sstream>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <temper/error.h>
#include <temper/torch/headed_model.h>

#include "nn/checkpoint.h"
#include "nn/key_value_cache.h"
#include "nn/random_bits.h"
#include "registry/registry.h"
#include "support/temporary_folder.h"

namespace temper::testing {

namespace {

using MakeModel = std::function<std::unique_ptr<Model>()>;

constexpr std::int64_t kLabels = 3;
constexpr double kSums = 1e-4;  // relative to the largest state: float32 sums in another order

// Sequences of unequal lengths, some equal, one of a single token; ids that are no padding.
std::vector<std::vector<std::int32_t>> sequences_for(const ModelShape& shape) {
  std::vector<std::vector<std::int32_t>> sequences;
  std::uint64_t drawn = 0;
  for (const std::int64_t wanted : {5, 1, 7, 3, 7, 9}) {
    std::vector<std::int32_t>& ids = sequences.emplace_back();
    for (std::int64_t t = 0; t < std::min(wanted, shape.max_positions); ++t) {
      auto id = static_cast<std::int64_t>(nn::mix64(drawn++) % static_cast<std::uint64_t>(shape.vocabulary));
      if (id == shape.pad_id) id = (id + 1) % shape.vocabulary;
      ids.push_back(static_cast<std::int32_t>(id));
    }
  }
  return sequences;
}

// A batch of some of the sequences; an item's key is its number, wherever it stands.
Batch batch_of(const std::vector<std::vector<std::int32_t>>& sequences, const std::vector<std::size_t>& which) {
  Batch batch;
  batch.starts.push_back(0);
  for (const std::size_t i : which) {
    for (std::size_t t = 0; t < sequences[i].size(); ++t) {
      batch.ids.push_back(sequences[i][t]);
      batch.positions.push_back(static_cast<std::int32_t>(t));
      batch.segments.push_back(0);
    }
    batch.starts.push_back(static_cast<std::int32_t>(batch.ids.size()));
    batch.items.push_back(1000 + i);
  }
  return batch;
}

// Largest difference over the largest value of the second; infinite where shapes differ or a value is not finite.
double distance(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes() || !a.isfinite().all().item<bool>()) return std::numeric_limits<double>::infinity();
  if (a.numel() == 0) return 0;
  return ((a - b).abs().max() / b.abs().max().clamp_min(1e-6)).item<double>();
}

std::string text_of(at::IntArrayRef sizes) {
  std::ostringstream text;
  text << sizes;
  return text.str();
}

class Suite {
 public:
  explicit Suite(const MakeModel& make) : make_(make) {}

  Failures run() {
    try {
      model_.emplace(with_head(0, 1));
      shape_ = model_->model().shape();
      sequences_ = sequences_for(shape_);
      for (std::size_t i = 0; i < sequences_.size(); ++i) all_.push_back(i);
      checking("has_shapes", [&] { has_shapes(); });
      if (!failures_.empty()) return failures_;
      checking("packed_equals_alone", [&] { packed_equals_alone(); });
      const bool packs = failures_.empty();
      if (shape_.causal) checking("sees_no_future", [&] { sees_no_future(); });
      checking("read_equals_full", [&] { read_equals_full(); });
      checking("names_each_parameter_once", [&] { names_each_parameter_once(); });
      checking("trains_every_parameter", [&] { trains_every_parameter(); });
      checking("bf16_is_near_float32", [&] { bf16_is_near_float32(); });
      checking("evaluates_without_dropout", [&] { evaluates_without_dropout(); });
      if (packs) checking("dropout_ignores_the_batch", [&] { dropout_ignores_the_batch(); });
      checking("saves_and_loads", [&] { saves_and_loads(); });
      checking("starts_from_seed", [&] { starts_from_seed(); });
      if (shape_.causal && failures_.empty()) checking("goes_on_behind_kept_tokens", [&] { goes_on_behind_kept_tokens(); });
    } catch (const std::exception& error) {
      failures_.push_back({"has_shapes", std::string("the model cannot be made: ") + error.what()});
    }
    return failures_;
  }

 private:
  HeadedModel with_head(std::size_t head, std::uint64_t seed) const {
    std::unique_ptr<Model> model = make_();
    const std::vector<HeadSpec> heads = model->heads();
    if (heads.empty()) throw Error("the model has no head");
    HeadedModel made(std::move(model), heads.at(head), kLabels);
    initialize(made.parameters(), seed);
    // Norms and biases start at values that hide mistakes: everything is moved a little.
    const c10::NoGradGuard no_grad;
    for (Parameter& parameter : made.parameters().all()) {
      if (parameter.init == Init::kNormal || parameter.zero_row >= 0) continue;
      const at::Tensor step = at::arange(parameter.tensor.numel(), at::kFloat).view(parameter.tensor.sizes());
      parameter.tensor.add_(at::sin(step + 1) * 0.1);
    }
    return made;
  }

  template <class Check>
  void checking(const char* name, const Check& check) {
    current_ = name;
    try {
      check();
    } catch (const std::exception& error) {
      fail(std::string("ended with the error: ") + error.what());
    }
  }
  void fail(const std::string& what) { failures_.push_back({current_, what}); }

  // Final states of all tokens.
  at::Tensor states(HeadedModel& model, const Batch& batch, ForwardContext context = {}) const {
    const c10::NoGradGuard no_grad;
    const PackedInput input(batch, at::kCPU);
    context.input = &input;
    return model.states(context, at::arange(input.tokens(), at::kLong));
  }
  Batch whole() const { return batch_of(sequences_, all_); }

  void has_shapes() {
    if (shape_.layers < 1 || shape_.width < 1 || shape_.vocabulary < 2 || shape_.max_positions < 3) return fail("shape() has a size that cannot be");
    const c10::NoGradGuard no_grad;
    const PackedInput input(whole(), at::kCPU);
    ForwardContext context;
    context.input = &input;
    Model& model = model_->model();
    const auto expect = [&](const char* what, const at::Tensor& x, std::int64_t rows) {
      const std::vector<std::int64_t> wanted{rows, shape_.width};
      if (x.sizes() != at::IntArrayRef(wanted)) fail(std::string(what) + " gives " + text_of(x.sizes()) + ", promised is " + text_of(wanted));
    };
    at::Tensor x = model.embed(context);
    expect("embed", x, input.tokens());
    for (context.layer = 0; context.layer < shape_.layers && failures_.empty(); ++context.layer) {
      if (context.layer == shape_.layers - 1) {
        ForwardContext reading = context;
        reading.read = model_->pooled_tokens(input);
        expect("layer with single tokens read", model.layer(context.layer, x, reading), input.size());
      }
      x = model.layer(context.layer, x, context);
      expect("layer", x, input.tokens());
    }
    if (failures_.empty()) expect("finish", model.finish(x, context), input.tokens());
  }

  void packed_equals_alone() {
    const Batch batch = whole();
    const at::Tensor together = states(*model_, batch);
    for (const std::size_t i : all_) {
      const at::Tensor alone = states(*model_, batch_of(sequences_, {i}));
      const double far = distance(together.narrow(0, batch.starts[i], alone.size(0)), alone);
      if (!(far < kSums)) return fail("sequence " + std::to_string(i) + " differs by " + std::to_string(far) + " when it is packed with others");
    }
  }

  void sees_no_future() {
    Batch batch = batch_of(sequences_, {2});
    const std::int64_t before = batch.tokens() - 1;
    const at::Tensor first = states(*model_, batch).narrow(0, 0, before);
    std::int32_t& last = batch.ids.back();
    do {
      last = static_cast<std::int32_t>((last + 1) % shape_.vocabulary);
    } while (last == shape_.pad_id);
    const double far = distance(states(*model_, batch).narrow(0, 0, before), first);
    if (!(far < kSums)) fail("earlier states change by " + std::to_string(far) + " with the last token");
  }

  void read_equals_full() {
    const Batch batch = whole();
    std::vector<std::int64_t> middle;
    for (std::int64_t b = 0; b < batch.size(); ++b) middle.push_back((batch.starts[b] + batch.starts[b + 1] - 1) / 2);
    const at::Tensor read = at::tensor(middle), full = states(*model_, batch).index_select(0, read);
    const c10::NoGradGuard no_grad;
    const PackedInput input(batch, at::kCPU);
    ForwardContext context;
    context.input = &input;
    const double far = distance(model_->states(context, read), full);
    if (!(far < kSums)) fail("rows that are read differ by " + std::to_string(far) + " from those of a full pass");
  }

  // Each sequence of two tokens or more in two passes.
  void goes_on_behind_kept_tokens() {
    nn::KeyValueCache cache;
    CachedTokens begin{&cache, {}, {}}, rest{&cache, {}, {}};
    Batch first, second;
    std::vector<std::int64_t> rows;  // of the second parts in a whole pass
    const Batch batch = whole();
    for (const std::size_t i : all_) {
      const std::vector<std::int32_t>& ids = sequences_[i];
      const std::ptrdiff_t cut = static_cast<std::ptrdiff_t>(ids.size() / 2);
      if (cut == 0) continue;
      const nn::CacheRange range = cache.reserve(cut);
      first.append({ids.begin(), ids.begin() + cut}, {}, 1000 + i);
      begin.before.emplace_back();
      begin.kept_at.push_back(range.first);
      second.append({ids.begin() + cut, ids.end()}, {}, 1000 + i, static_cast<std::int32_t>(cut));
      rest.before.push_back({range});
      rest.kept_at.push_back(-1);
      for (std::int64_t row = batch.starts[i] + cut; row < batch.starts[i + 1]; ++row) rows.push_back(row);
    }
    ForwardContext context;
    context.cached = &begin;
    states(*model_, first, context);
    context.cached = &rest;
    const double far = distance(states(*model_, second, context), states(*model_, batch).index_select(0, at::tensor(rows)));
    if (!(far < kSums)) fail("states behind kept tokens differ by " + std::to_string(far) + " from those of a whole pass; positions are those of the batch");
  }

  void names_each_parameter_once() {
    std::map<const void*, std::string> names;
    for (const Parameter& parameter : model_->parameters().all()) {
      const auto [other, is_first] = names.emplace(parameter.tensor.const_data_ptr(), parameter.name);
      if (!is_first) fail("\"" + parameter.name + "\" is the tensor of \"" + other->second + "\"");
    }
  }

  void trains_every_parameter() {
    const std::size_t heads = model_->model().heads().size();
    for (std::size_t run = 0; run < 2 * heads; ++run) {
      HeadedModel model = with_head(run / 2, 1);
      const PackedInput input(whole(), at::kCPU);
      ForwardContext context;
      context.input = &input;
      context.bf16 = run % 2 == 1;
      const bool each = model.head().pooling == Pooling::kEach;
      const at::Tensor read = each ? at::arange(input.tokens(), at::kLong) : model.pooled_tokens(input);
      const at::Tensor logits = model.logits(model.states(context, read), context);
      at::log_softmax(logits, -1).select(1, 0).sum().backward();
      for (const Parameter& parameter : model.parameters().all()) {
        if (!parameter.tensor.grad().defined()) {
          fail("\"" + parameter.name + "\" gets no gradient under " + model.head().architecture);
        } else if (!parameter.tensor.grad().isfinite().all().item<bool>()) {
          fail("the gradient of \"" + parameter.name + "\" is not finite under " + model.head().architecture);
        }
      }
    }
  }

  void bf16_is_near_float32() {
    ForwardContext half;
    half.bf16 = true;
    const at::Tensor exact = states(*model_, whole()), rounded = states(*model_, whole(), half);
    const double far = ((rounded - exact).norm() / exact.norm()).item<double>();
    if (!(far < 0.05)) fail("states in bfloat16 differ by " + std::to_string(far) + " of their norm");
  }

  void evaluates_without_dropout() {
    ForwardContext one, other;
    one.dropout = {1, 1};
    other.dropout = {2, 7};
    if (!at::equal(states(*model_, whole(), one), states(*model_, whole(), other))) fail("states in evaluation depend on dropout's seed or change from call to call");
  }

  void dropout_ignores_the_batch() {
    ForwardContext context;
    context.training = true;
    context.dropout = {5, 3};
    const Batch batch = whole();
    const at::Tensor together = states(*model_, batch, context);
    for (const std::size_t i : all_) {
      const at::Tensor alone = states(*model_, batch_of(sequences_, {i}), context);
      const double far = distance(together.narrow(0, batch.starts[i], alone.size(0)), alone);
      if (!(far < kSums)) return fail("sequence " + std::to_string(i) + " is dropped otherwise when it is packed with others: " + std::to_string(far));
    }
    if (!at::equal(states(*model_, batch, context), together)) return fail("the same step gives other masks when it is run again");
    const bool drops = !at::equal(together, states(*model_, batch));
    context.dropout.step = 4;
    if (drops && at::equal(states(*model_, batch, context), together)) fail("two steps have the same masks");
  }

  void saves_and_loads() {
    const TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "model.safetensors";
    nn::save_weights(*model_, file);
    HeadedModel other = with_head(0, 2);
    const std::vector<std::string> made = nn::load_weights(other, file, 2);
    if (!made.empty()) return fail("\"" + made.front() + "\" was not found again");
    for (const Parameter& parameter : model_->parameters().all()) {
      const Parameter* read = other.parameters().find(parameter.name);
      if (!read || !at::equal(read->tensor, parameter.tensor)) return fail("\"" + parameter.name + "\" is not what was saved");
    }
    if (!at::equal(states(other, whole()), states(*model_, whole()))) fail("the loaded model gives other states");
  }

  void starts_from_seed() {
    const HeadedModel model = with_head(0, 1), again = with_head(model_->model().heads().size() - 1, 1), other = with_head(0, 2);
    bool differs = false;
    for (const Parameter& parameter : const_cast<HeadedModel&>(model).parameters().all()) {
      const Parameter* twin = const_cast<HeadedModel&>(again).parameters().find(parameter.name);
      if (!twin && !parameter.is_head) return fail("\"" + parameter.name + "\" has another name in the next model");
      if (twin && !at::equal(twin->tensor, parameter.tensor)) return fail("\"" + parameter.name + "\" starts otherwise with the same seed");
      const Parameter* stranger = const_cast<HeadedModel&>(other).parameters().find(parameter.name);
      differs = differs || (stranger && !at::equal(stranger->tensor, parameter.tensor));
    }
    if (!differs) fail("another seed gives the same weights");
  }

  MakeModel make_;
  std::optional<HeadedModel> model_;
  ModelShape shape_;
  std::vector<std::vector<std::int32_t>> sequences_;
  std::vector<std::size_t> all_;
  std::string current_;
  Failures failures_;
};

}  // namespace

Failures model_failures(const std::function<std::unique_ptr<Model>()>& make) { return Suite(make).run(); }

std::unique_ptr<Model> make_model(const std::string& name, const Value& config) { return nn::make_model(registry::installed(), name, config); }

void check_model(const std::string& name, const Value& config) {
  for (const Failure& failure : model_failures([&] { return make_model(name, config); })) {
    ADD_FAILURE() << name << " breaks " << failure.check << ": " << failure.what;
  }
}

}  // namespace temper::testing
