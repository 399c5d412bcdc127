// Retrieval-augmented answers: the passages that a retriever finds for an item stand before it in the prompt.
//
// Nothing is trained. Lewis et al. 2020 generate from retrieved passages; here they are read by whatever answers: a language model that
// writes or chooses, or a head.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <temper/error.h>
#include <temper/passages.h>
#include <temper/saved_index.h>
#include <temper/strategy.h>
#include <temper/unread_options.h>

namespace {

namespace fs = std::filesystem;

struct Options {
  fs::path corpus;
  temper::PluginChoice retriever{"bm25", temper::Value::Table()};
  std::int64_t k = 3;
  std::string passage = "{text}\n\n";
  std::string heading;
  std::optional<std::string> query;
  temper::AnswerBy answer = temper::AnswerBy::kAuto;
  temper::ChoiceNormalization normalization = temper::ChoiceNormalization::kNone;
  temper::GenerationOptions generation;
  temper::TooLong too_long = temper::TooLong::kCut;

  void visit(temper::OptionVisitor& v) {
    v.option("corpus", corpus, "The passages: JSON lines {\"id\", \"text\"}. Read once, when the trial adapts.").required();
    v.plugin("retriever", retriever, "retriever", "What finds the passages.");
    v.option("k", k, "How many passages may stand before an item, the best first.").at_least(0);
    v.option("passage", passage, "How a passage is spelled: {text} and {id}, with what parts it from what follows.");
    v.option("heading", heading, "What stands before the first passage, where there is one.");
    v.option("query", query, "What is searched for: a template of the item's fields. By default the item's text, or where it has none the item as [prompt] renders it.");
    v.option("answer", answer, "What answers: the task's head, a language model by choice among the labels or by generation; auto is generation where the task asks for a text, else the head where one was trained, else choice.");
    v.option("normalization", normalization, "By what a label's log-probability is divided when answering by choice.");
    v.table("generation", generation, "By generation: how the answer is written.");
    v.option("too_long", too_long, "By choice or generation: what becomes of an item that does not fit into the model's context even without passages: it loses its first tokens, or is an error.");
  }
};

temper::Template passage_template(const std::string& text) {
  temper::Template result(text);
  for (const std::string& field : result.fields()) {
    if (field != "text" && field != "id") throw temper::Error("passage names {" + field + "}, a passage has {text} and {id}");
  }
  return result;
}

class Rag final : public temper::Strategy {
 public:
  explicit Rag(Options options) : options_(std::move(options)), passage_(passage_template(options_.passage)) {
    if (options_.query) query_.emplace(*options_.query);
  }

  temper::Needs needs() const override {
    const bool may_write = options_.answer == temper::AnswerBy::kAuto || options_.answer == temper::AnswerBy::kGeneration;
    temper::Needs needs{.model = true, .training = false, .prompt = true, .seed = may_write && options_.generation.do_sample};
    if (!may_write) needs.unread.push_back("generation");
    for (std::string& option : temper::unread_options(options_.generation)) needs.unread.push_back(std::move(option));
    if (options_.answer == temper::AnswerBy::kGeneration) needs.unread.push_back("normalization");
    return needs;
  }

  std::string cannot(temper::Task task) const override {
    if (task == temper::Task::kClassification) return {};
    if (task != temper::Task::kGeneration) return "it answers with a label or a text";
    const bool may_write = options_.answer == temper::AnswerBy::kAuto || options_.answer == temper::AnswerBy::kGeneration;
    return may_write ? "" : "a head or a choice among labels answers, so it needs labels";
  }

  void adapt(temper::AdaptContext& context) override {
    passages_ = temper::read_passages(options_.corpus, "the corpus");
    retriever_ = context.index(options_.retriever, passages_);
  }

  std::vector<temper::Prompt> prepare(temper::StrategyContext& context, std::span<const temper::Item> items) override {
    std::vector<std::string> queries;
    for (const temper::Item& item : items) queries.push_back(query(context, item));
    const std::vector<std::string_view> views(queries.begin(), queries.end());
    const auto hits = retriever_->search_batch(views, static_cast<std::size_t>(options_.k));
    std::vector<temper::Prompt> prompts;
    for (const std::vector<temper::Hit>& found : hits) prompts.push_back(prompt(found));
    return prompts;
  }

  temper::AnswerOptions answer_options() const override { return {.by = options_.answer, .normalization = options_.normalization, .generation = options_.generation, .too_long = options_.too_long}; }

  void save(const fs::path& folder) const override {
    temper::write_passages(folder / "passages.jsonl", passages_);
    temper::save_index(*retriever_, folder);
  }

  void load(const fs::path& folder) override {
    passages_ = temper::read_passages(folder / "passages.jsonl", "the saved corpus");
    retriever_ = temper::load_index(options_.retriever, folder);
    if (retriever_->size() != static_cast<std::int64_t>(passages_.size())) {
      throw temper::Error((folder / "index").string() + " is an index of " + std::to_string(retriever_->size()) + " passages, passages.jsonl beside it has " + std::to_string(passages_.size()));
    }
  }

 private:
  std::string query(temper::StrategyContext& context, const temper::Item& item) const {
    if (query_) return query_->render(item);
    const std::string* text = item.fields.text(temper::kTextField);
    return text ? *text : context.format().input(item);
  }

  temper::Prompt prompt(const std::vector<temper::Hit>& hits) const {
    temper::Prompt prompt;
    prompt.leave_out = temper::Prompt::LeaveOut::kLast;
    for (const temper::Hit& hit : hits) {
      const temper::Passage& passage = passages_.at(static_cast<std::size_t>(hit.passage));
      temper::Item fields;
      fields.fields.set("id", passage.id);
      fields.fields.set("text", passage.text);
      prompt.blocks.push_back({passage.id, (prompt.blocks.empty() ? options_.heading : std::string()) + passage_.render(fields)});
    }
    return prompt;
  }

  Options options_;
  temper::Template passage_;
  std::optional<temper::Template> query_;
  std::vector<temper::Passage> passages_;
  std::shared_ptr<const temper::Retriever> retriever_;
};

}  // namespace

TEMPER_PLUGIN(Strategy, Rag, Options, "rag", "Puts the passages that a retriever finds before each item; trains nothing.")
