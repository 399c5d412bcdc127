// Few-shot prompting (Brown et al. 2020): the model is not trained; it reads some solved examples of the train split, then the item, and
// answers with the label whose spelling is likeliest, or with the text that it writes next.
//
// Which examples: drawn at random, drawn so that labels take turns, or those nearest to the item (Liu et al. 2022, "What makes good
// in-context examples for GPT-3?"). Their order matters much (Lu et al. 2022, "Fantastically ordered prompts"), so it can be an axis.
#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <unordered_map>

#include <temper/error.h>
#include <temper/json_file.h>
#include <temper/random_order.h>
#include <temper/strategy.h>
#include <temper/unread_options.h>

namespace {

using temper::Value;

struct Options {
  std::int64_t shots = 4;
  std::string selection = "random";
  std::int64_t order = 0;
  std::vector<std::string> examples;
  temper::PluginChoice retriever{"bm25", Value::Table()};
  std::string separator = "\n\n";
  temper::AnswerBy answer = temper::AnswerBy::kAuto;
  temper::ChoiceNormalization normalization = temper::ChoiceNormalization::kNone;
  temper::GenerationOptions generation;
  temper::TooLong too_long = temper::TooLong::kCut;
  bool share_prefixes = true;

  void visit(temper::OptionVisitor& v) {
    v.option("shots", shots, "How many solved examples stand before each item; all there are where the train split has fewer.").at_least(0);
    v.option("selection", selection, "Which rows of the train split become examples: drawn at random; drawn so that labels take turns; or those nearest to each item.")
        .one_of({"random", "balanced", "nearest"});
    v.option("order", order, "Which permutation of the chosen examples: 0 as they were chosen, the nearest last; any other number draws one from the seed.").at_least(0);
    v.option("examples", examples, "Ids of train rows to take instead of a selection: the first `shots` of them, in this order.");
    v.plugin("retriever", retriever, "retriever", "What finds the nearest rows, with selection = \"nearest\": by the rendered text of both.");
    v.option("separator", separator, "What stands between an example and what follows it.");
    v.option("answer", answer, "What answers: a choice among the labels, or the text that the model writes (generation); auto is generation where the task asks for a text, else choice.")
        .one_of({"auto", "choice", "generation"});
    v.option("normalization", normalization, "By choice: what a label's log-probability is divided by: nothing, its number of tokens, or the bytes of its spelling.");
    v.table("generation", generation, "By generation: how the answer is written. Unless stop_strings are given, it ends before the separator that would begin the next example.");
    v.option("too_long", too_long, "What becomes of an item that does not fit into the model's context even without examples: it loses its first tokens, or is an error.");
    v.option("share_prefixes", share_prefixes, "Compute what prompts have in common once; false computes each prompt with each label, and for each token that is written, by itself, for comparison.")
        .not_part_of_identity();
  }
};

// A train row as it may stand in a prompt.
struct Shot {
  std::string id;
  std::string input;   // the item as [prompt] renders it
  std::string answer;  // its label as it is spelled there, or its text
};

class FewShot final : public temper::Strategy {
 public:
  explicit FewShot(Options options) : options_(std::move(options)) {
    const std::int64_t given = static_cast<std::int64_t>(options_.examples.size());
    if (given > 0 && options_.shots > given) {
      throw temper::Error("few_shot: shots is " + std::to_string(options_.shots) + ", and examples names " + std::to_string(given) + " rows", "name more, or lower shots");
    }
  }

  temper::Needs needs() const override {
    temper::Needs needs{.model = true, .training = false, .prompt = true, .seed = draws() || permutes() || samples()};
    if (options_.shots == 0) needs.unread = {"selection", "order", "examples", "retriever", "separator"};
    else if (!options_.examples.empty()) needs.unread = {"selection", "retriever"};
    else if (options_.selection != "nearest") needs.unread = {"retriever"};
    if (options_.shots == 1) needs.unread.push_back("order");
    if (options_.answer == temper::AnswerBy::kChoice) needs.unread.push_back("generation");
    for (std::string& option : temper::unread_options(options_.generation)) needs.unread.push_back(std::move(option));
    if (options_.answer == temper::AnswerBy::kGeneration) needs.unread.push_back("normalization");
    return needs;
  }

  std::string cannot(temper::Task task) const override {
    if (task == temper::Task::kClassification) return {};
    if (task != temper::Task::kGeneration) return "it answers with a label or a text";
    if (options_.answer == temper::AnswerBy::kChoice) return "a choice needs labels to choose among";
    return options_.shots > 0 && options_.examples.empty() && options_.selection == "balanced" ? "selection = \"balanced\" needs labels that take turns" : "";
  }

  temper::AnswerOptions answer_options() const override {
    temper::AnswerOptions answer{.by = options_.answer, .normalization = options_.normalization, .share_prefixes = options_.share_prefixes, .generation = options_.generation, .too_long = options_.too_long};
    const bool has_separator = options_.shots > 0 && !options_.separator.empty();
    if (!answer.generation.stop_strings && has_separator) answer.generation.stop_strings = std::vector<std::string>{options_.separator};
    return answer;
  }

  // Never by a head: the examples show how to go on.
  std::vector<temper::Prediction> predict(temper::PredictContext& context, std::span<const temper::Item> items) override {
    temper::AnswerOptions answer = answer_options();
    const bool has_labels = context.task().task == temper::Task::kClassification;
    if (answer.by == temper::AnswerBy::kAuto) answer.by = has_labels ? temper::AnswerBy::kChoice : temper::AnswerBy::kGeneration;
    return context.answer(items, prepare(context, items), answer);
  }

  void adapt(temper::AdaptContext& context) override {
    seed_ = context.seed();
    shots_.clear();
    index_.reset();
    if (options_.shots == 0) return;
    const temper::Split& train = context.train();
    for (const std::size_t row : rows(train, context.task().labels)) {
      const temper::Item item = train.item(row);
      const temper::Targets targets = train.targets(row);
      if (targets.empty()) throw temper::Error("train item \"" + item.id + "\" has no reference, it cannot be an example");
      shots_.push_back({item.id, context.format().input(item), context.format().answer(targets.front())});
    }
    if (!is_nearest()) permute(shots_);
  }

  std::vector<temper::Prompt> prepare(temper::StrategyContext& context, std::span<const temper::Item> items) override {
    std::vector<temper::Prompt> prompts;
    if (!is_nearest() || shots_.empty()) {
      prompts.assign(items.size(), prompt_of(shots_));
      return prompts;
    }
    const temper::Retriever& index = indexed(context);
    for (const temper::Item& item : items) prompts.push_back(prompt_of(nearest(index, item, context.format().input(item))));
    return prompts;
  }

  void save(const std::filesystem::path& folder) const override {
    Value::Array shots;
    for (const Shot& shot : shots_) shots.emplace_back(Value::Table{{"id", Value(shot.id)}, {"input", Value(shot.input)}, {"answer", Value(shot.answer)}});
    temper::write_json_file(folder / kFile, Value(Value::Table{{"seed", Value(std::to_string(seed_))}, {"shots", Value(std::move(shots))}}));
  }

  void load(const std::filesystem::path& folder) override {
    const temper::JsonFile file(folder / kFile);
    const std::string seed = file.read<std::string>("seed");
    const Value& shots = file.member(file.document(), "shots");
    if (!shots.is_array()) file.fail("shots must be an array");
    shots_.clear();
    index_.reset();
    seed_ = 0;
    for (const char digit : seed) {
      if (digit < '0' || digit > '9') file.fail("seed is \"" + seed + "\", which is no number");
      seed_ = seed_ * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    for (const Value& shot : shots.as_array())
      shots_.push_back({file.read<std::string>(shot, "id"), file.read<std::string>(shot, "input"), file.read<std::string>(shot, "answer")});
  }

 private:
  static constexpr const char* kFile = "few_shot.json";
  enum Stream : std::uint64_t { kSelection, kFirstOrder };  // the draws under one seed

  bool is_nearest() const { return options_.examples.empty() && options_.selection == "nearest"; }
  bool draws() const { return options_.shots > 0 && options_.examples.empty() && options_.selection != "nearest"; }
  bool samples() const { return options_.generation.do_sample && options_.answer != temper::AnswerBy::kChoice; }
  bool permutes() const { return options_.shots > 1 && options_.order > 0; }

  // The train rows that are examples, or, where each item has its own, may become one.
  std::vector<std::size_t> rows(const temper::Split& train, const std::vector<std::string>& labels) const {
    const std::size_t most = std::min(train.size(), static_cast<std::size_t>(options_.shots));
    if (!options_.examples.empty()) return named_rows(train);
    std::vector<std::size_t> order;
    if (is_nearest()) {
      for (std::size_t row = 0; row < train.size(); ++row) order.push_back(row);
      return order;
    }
    order = temper::random_order(train.size(), seed_, kSelection);
    if (options_.selection == "balanced") order = by_turns(train, labels, order);
    order.resize(std::min(most, order.size()));
    return order;
  }

  std::vector<std::size_t> named_rows(const temper::Split& train) const {
    std::unordered_map<std::string, std::size_t> row_of;
    for (std::size_t row = 0; row < train.size(); ++row) row_of.emplace(train.item(row).id, row);
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < static_cast<std::size_t>(options_.shots); ++i) {
      const auto found = row_of.find(options_.examples[i]);
      if (found == row_of.end()) throw temper::Error("few_shot: examples names \"" + options_.examples[i] + "\", which is no row of the train split");
      rows.push_back(found->second);
    }
    return rows;
  }

  // The same rows in rounds: one of each label that has any left. Labels stand in the task's order within a round.
  static std::vector<std::size_t> by_turns(const temper::Split& train, const std::vector<std::string>& labels, const std::vector<std::size_t>& order) {
    std::map<std::string, std::vector<std::size_t>> of_label;
    for (const std::size_t row : order) {
      const temper::Targets targets = train.targets(row);
      of_label[targets.empty() ? std::string() : temper::to_string(targets.front())].push_back(row);
    }
    std::vector<std::size_t> turns;
    for (std::size_t round = 0; turns.size() < order.size(); ++round) {
      const std::size_t before = turns.size();
      for (const std::string& label : labels) {
        const auto& rows = of_label[label];
        if (round < rows.size()) turns.push_back(rows[round]);
      }
      if (turns.size() == before) break;  // what is left has no label of the task
    }
    return turns;
  }

  void permute(std::vector<Shot>& shots) const {
    if (options_.order == 0) return;
    std::vector<Shot> permuted;
    for (const std::size_t i : temper::random_order(shots.size(), seed_, kFirstOrder + static_cast<std::uint64_t>(options_.order) - 1)) permuted.push_back(shots[i]);
    shots = std::move(permuted);
  }

  const temper::Retriever& indexed(temper::StrategyContext& context) {
    if (!index_) {
      std::vector<temper::Passage> corpus;
      for (const Shot& shot : shots_) corpus.push_back({shot.id, shot.input});
      index_ = context.index(options_.retriever, corpus);
    }
    return *index_;
  }

  // The nearest one last, beside the item; where too few are found, the first rows of the split stand before them. An item that is
  // itself a train row is no example for itself.
  std::vector<Shot> nearest(const temper::Retriever& index, const temper::Item& item, const std::string& text) const {
    const auto is_itself = [&](const Shot& shot) { return shot.id == item.id && shot.input == text; };
    const std::size_t most = static_cast<std::size_t>(options_.shots);
    std::vector<std::size_t> rows;
    const auto add = [&](std::size_t row) {
      if (rows.size() < most && !is_itself(shots_.at(row)) && std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
    };
    for (const temper::Hit& hit : index.search(text, most + 1)) add(static_cast<std::size_t>(hit.passage));
    for (std::size_t row = 0; row < shots_.size() && rows.size() < most; ++row) add(row);
    std::vector<Shot> shots;
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) shots.push_back(shots_[*row]);
    permute(shots);
    return shots;
  }

  temper::Prompt prompt_of(const std::vector<Shot>& shots) const {
    temper::Prompt prompt;
    for (const Shot& shot : shots) prompt.blocks.push_back({shot.id, shot.input + shot.answer + options_.separator});
    return prompt;
  }

  Options options_;
  std::uint64_t seed_ = 0;
  std::vector<Shot> shots_;  // the examples in their order; with selection = "nearest" all train rows
  std::shared_ptr<const temper::Retriever> index_;
};

}  // namespace

TEMPER_PLUGIN(Strategy, FewShot, Options, "few_shot", "Solved examples before each item, and the likeliest label or the written text behind it: no training.")
