// Datasets in SQuAD's JSON (Rajpurkar et al. 2016; 2018 with questions that have no answer).
#include <set>

#include <temper/answer_span.h>
#include <temper/dataset.h>
#include <temper/mapped_file.h>
#include <temper/row.h>
#include <temper/value.h>

namespace {

using namespace temper;

struct Question {
  std::string id, text;
  std::size_t paragraph = 0;
  Targets answers;
  std::int64_t line = 0;
};

struct Paragraph {
  std::string title, context;
};

// Questions of one paragraph share its text.
class SquadSplit final : public Split {
 public:
  std::vector<Paragraph> paragraphs;
  std::vector<Question> questions;

  std::size_t size() const override { return questions.size(); }
  std::int64_t line(std::size_t row) const override { return questions.at(row).line; }
  Targets targets(std::size_t row) const override { return questions.at(row).answers; }
  Item item(std::size_t row) const override {
    const Question& question = questions.at(row);
    const Paragraph& paragraph = paragraphs[question.paragraph];
    Item item;
    item.id = question.id;
    item.fields.set("question", question.text);
    item.fields.set("context", paragraph.context);
    item.fields.set("title", paragraph.title);
    return item;
  }
};

struct BadQuestion {
  std::string what;
};

class Reader {
 public:
  Reader(const Source& source, RowReport& report) : source_(source), report_(report) {}

  std::unique_ptr<Split> read() {
    const MappedFile file(source_.file);
    const Value document = parse_json(file.bytes(), source_.file.string());
    for (const Value& article : array(document, "data")) {
      for (const Value& paragraph : array(article, "paragraphs")) {
        const Value* title = article.find("title");
        split_->paragraphs.push_back({title && title->is_string() && text_problem(title->as_string()).empty() ? title->as_string() : "", text(paragraph, "context")});
        for (const Value& entry : array(paragraph, "qas")) take(entry);
      }
    }
    return std::move(split_);
  }

 private:
  [[noreturn]] void fail(const Value& at, const std::string& what) const {
    Place place = at.place;
    place.file = source_.file.string();
    throw Error({{place, what, "SQuAD's files are {\"data\": [{\"paragraphs\": [{\"context\", \"qas\": [{\"id\", \"question\", \"answers\": [{\"text\", \"answer_start\"}]}]}]}]}"}});
  }

  const Value::Array& array(const Value& table, const char* name) const {
    const Value* member = table.is_table() ? table.find(name) : nullptr;
    if (!member || !member->is_array()) fail(table, std::string("there is no array \"") + name + "\" here");
    return member->as_array();
  }

  std::string text(const Value& table, const char* name) const {
    const Value* member = table.is_table() ? table.find(name) : nullptr;
    if (!member || !member->is_string()) fail(table, std::string("there is no text \"") + name + "\" here");
    if (const std::string problem = text_problem(member->as_string()); !problem.empty()) fail(table, std::string("the text \"") + name + "\" " + problem);
    return member->as_string();
  }

  void take(const Value& entry) {
    Question question{text(entry, "id"), text(entry, "question"), split_->paragraphs.size() - 1, {}, entry.place.line};
    try {
      if (question.id.empty()) throw BadQuestion{"has no id"};
      if (!ids_.insert(question.id).second) throw BadQuestion{"its id was given to another one already"};
      question.answers = answers(entry);
    } catch (const BadQuestion& bad) {
      return report_.bad_row(question.line, "question \"" + question.id + "\": " + bad.what);
    }
    split_->questions.push_back(std::move(question));
  }

  // Each answer is a reference of its own; equal ones count once. No answer is a reference without spans.
  Targets answers(const Value& entry) const {
    const Value *is_impossible = entry.find("is_impossible"), *answers = entry.find("answers");
    const bool has_none = is_impossible && is_impossible->is_bool() && is_impossible->as_bool();
    std::set<std::pair<std::int64_t, std::int64_t>> known;
    Targets targets;
    if (answers && !answers->is_array()) throw BadQuestion{"its answers are no array"};
    for (const Value& answer : answers && !has_none ? answers->as_array() : Value::Array()) {
      const Value* text = answer.is_table() ? answer.find("text") : nullptr;
      const Value* start = answer.is_table() ? answer.find("answer_start") : nullptr;
      if (!text || !text->is_string() || !start || !start->is_integer()) throw BadQuestion{"an answer is no {\"text\", \"answer_start\"}"};
      FoundAnswer found = find_answer(split_->paragraphs.back().context, text->as_string(), start->as_integer());
      if (!found.problem.empty()) throw BadQuestion{found.problem};
      if (known.emplace(found.span.begin, found.span.end).second) targets.push_back(Spans{{std::move(found.span)}});
    }
    if (has_none) targets.push_back(Spans{});
    if (targets.empty() && source_.needs_targets) throw BadQuestion{"has no answers, and is_impossible does not say so"};
    return targets;
  }

  const Source& source_;
  RowReport& report_;
  std::unique_ptr<SquadSplit> split_ = std::make_unique<SquadSplit>();
  std::set<std::string> ids_;
};

class Squad final : public Dataset {
 public:
  explicit Squad(NoOptions) {}
  std::unique_ptr<Split> open(const Source& source, RowReport& report) const override {
    if (source.task != Task::kQuestionAnswering)
      throw Error({{{source.file.string()}, "holds questions about passages, and the task is " + std::string(to_string(source.task)), "take task = \"question_answering\", or another dataset plugin"}});
    return Reader(source, report).read();
  }
};

}  // namespace

TEMPER_PLUGIN(Dataset, Squad, NoOptions, "squad", "SQuAD's JSON, versions 1.1 and 2: questions whose answers are spans of a passage, or that have none.")
