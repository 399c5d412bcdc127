// Domain-adaptive pre-training (Gururangan et al. 2020, "Don't stop pretraining"): the model goes on with its own pre-training on plain
// texts of the domain, a causal model by the next token, any other by masked ones; then, where asked, it learns the task.
//
// What it forgets meanwhile is the loss on a general text, measured at each evaluation.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <temper/error.h>
#include <temper/json_file.h>
#include <temper/passages.h>
#include <temper/strategy.h>

namespace {

namespace fs = std::filesystem;

enum class Documents { kFile, kParagraphs, kLines };

}  // namespace

namespace temper {
template <> struct EnumNames<Documents> { static constexpr const char* names[] = {"file", "paragraphs", "lines"}; };
}  // namespace temper

namespace {

// What the first phase does otherwise than [training] says.
struct Pretraining {
  std::optional<double> learning_rate, epochs;
  std::optional<std::int64_t> batch_size, max_steps, max_length;

  void visit(temper::OptionVisitor& v) {
    v.option("learning_rate", learning_rate, "Peak learning rate on the texts; by default that of [training].").at_least(0);
    v.option("epochs", epochs, "Passes over the texts; by default those of [training].").above(0);
    v.option("max_steps", max_steps, "Optimizer steps on the texts; overrides epochs.").at_least(1).in("steps");
    v.option("batch_size", batch_size, "Blocks of text per forward pass; by default that of [training].").at_least(1);
    v.option("max_length", max_length, "Tokens of a block of text; by default that of [training].").at_least(2).in("tokens");
  }
};

struct Options {
  std::vector<fs::path> corpus;
  double validation = 0.1;
  std::vector<fs::path> general;
  Documents documents = Documents::kFile;
  std::string tune = "full";
  temper::LoraOptions lora;
  Pretraining pretraining;
  std::string then = "none";
  std::int64_t last_layers = 1;

  void visit(temper::OptionVisitor& v) {
    v.option("corpus", corpus, "The texts of the domain: plain text, or JSON lines {\"id\", \"text\"} in files whose names end in .jsonl.").required().or_one();
    v.option("validation", validation, "The share of the corpus, at its end, that is not trained on: its loss is the phase's validation loss. 0: none.").at_least(0).below(1);
    v.option("general", general, "Texts of another kind. Their loss at each evaluation tells what is forgotten (forgetting_loss).").or_one();
    v.option("documents", documents, "What of a plain text file is one text: the whole file, a paragraph (between empty lines) or a line. Texts do not see each other.");
    v.option("tune", tune, "Which parameters are trained on the texts: all of them, or low-rank adapters, which are merged before anything else is trained.").one_of({"full", "lora"});
    v.table("lora", lora, "The adapters, under PEFT's names, where tune or then is \"lora\".");
    v.table("pretraining", pretraining, "What training on the texts does otherwise than [training] says.");
    v.option("then", then, "What of the task is learned afterwards, in the same trial, as the strategy supervised does with this tune; by default nothing.")
        .one_of({"none", "full", "head", "last_layers", "bitfit", "lora"});
    v.option("last_layers", last_layers, "How many blocks then = \"last_layers\" trains, counted from the last.").at_least(1).in("blocks");
  }
};

std::string whole_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw temper::Error(path.string() + " cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

std::vector<std::string> split_text(const std::string& text, Documents documents) {
  if (documents == Documents::kFile) return {text};
  std::vector<std::string> parts(1);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    if (is_blank(line)) {
      if (!parts.back().empty()) parts.emplace_back();
      continue;
    }
    if (!parts.back().empty()) parts.back() += '\n';
    parts.back() += line;
    if (documents == Documents::kLines) parts.emplace_back();
  }
  if (parts.back().empty()) parts.pop_back();
  return parts;
}

std::vector<std::string> read_texts(const std::vector<fs::path>& files, Documents documents, const char* what) {
  std::vector<std::string> texts;
  for (const fs::path& file : files) {
    if (file.extension() == ".jsonl") {
      for (const temper::Passage& passage : temper::read_passages(file, what)) texts.push_back(passage.text);
    } else {
      for (std::string& text : split_text(whole_file(file), documents)) texts.push_back(std::move(text));
    }
  }
  std::erase_if(texts, [](const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; });
  if (texts.empty()) throw temper::Error(files.front().string() + " has no text, it is " + what);
  return texts;
}

// The last texts, as many as the share of all comes to in bytes; of a single text its end, behind a line break or a blank.
std::vector<std::string> take_validation(std::vector<std::string>& texts, double share) {
  std::vector<std::string> taken;
  if (share <= 0) return taken;
  double all = 0, got = 0;
  for (const std::string& text : texts) all += static_cast<double>(text.size());
  while (texts.size() > 1 && got + static_cast<double>(texts.back().size()) / 2 < share * all) {
    got += static_cast<double>(texts.back().size());
    taken.insert(taken.begin(), std::move(texts.back()));
    texts.pop_back();
  }
  if (!taken.empty()) return taken;
  std::string& last = texts.back();
  const auto wanted = static_cast<std::size_t>(std::max(0.0, static_cast<double>(last.size()) - share * all));
  std::size_t cut = last.rfind('\n', wanted);
  if (cut == std::string::npos || cut == 0) cut = last.rfind(' ', wanted);
  if (cut == std::string::npos || cut == 0) return taken;
  taken.push_back(last.substr(cut + 1));
  last.resize(cut + 1);
  return taken;
}

class DomainAdaptive final : public temper::Strategy {
 public:
  explicit DomainAdaptive(Options options) : options_(std::move(options)) {}

  temper::Needs needs() const override {
    temper::Needs needs{.model = true, .training = true, .prompt = true, .seed = true};
    if (options_.tune != "lora" && options_.then != "lora") needs.unread.push_back("lora");
    if (options_.then != "last_layers") needs.unread.push_back("last_layers");
    return needs;
  }

  std::string cannot(temper::Task) const override { return {}; }

  void adapt(temper::AdaptContext& context) override {
    auto texts = std::make_shared<temper::Texts>();
    texts->train = read_texts(options_.corpus, options_.documents, "the corpus");
    texts->validation = take_validation(texts->train, options_.validation);
    if (!options_.general.empty()) texts->general = read_texts(options_.general, options_.documents, "the general text");
    const Pretraining& own = options_.pretraining;
    const bool goes_on = options_.then != "none";
    context.run_training({.name = "domain_adaptive", .tune = tune(options_.tune), .more_follow = goes_on, .texts = texts,
                          .options = {own.learning_rate, own.epochs, own.batch_size, own.max_steps, own.max_length}});
    if (goes_on) context.run_training({.name = "supervised", .tune = tune(options_.then)});
    answers_by_head_ = !goes_on && !context.is_causal();
  }

  // A masked model that never learned the task can answer by its head alone, which is at chance: of use to those that go on `from` it.
  temper::AnswerOptions answer_options() const override { return {.by = answers_by_head_ ? temper::AnswerBy::kHead : temper::AnswerBy::kAuto}; }

  void save(const fs::path& folder) const override {
    temper::write_json_file(folder / "domain_adaptive.json", temper::Value(temper::Value::Table{{"answers_by_head", temper::Value(answers_by_head_)}}));
  }
  void load(const fs::path& folder) override {
    const temper::JsonFile file(folder / "domain_adaptive.json");
    answers_by_head_ = file.read<bool>(file.document(), "answers_by_head");
  }

 private:
  temper::Tune tune(const std::string& name) const {
    if (name == "head") return {temper::TuneMode::kHead, 0};
    if (name == "last_layers") return {temper::TuneMode::kLastLayers, options_.last_layers};
    if (name == "bitfit") return {temper::TuneMode::kBias, 0};
    if (name == "lora") return {temper::TuneMode::kLora, 0, options_.lora};
    return {temper::TuneMode::kFull, 0};
  }

  Options options_;
  bool answers_by_head_ = false;
};

}  // namespace

TEMPER_PLUGIN(Strategy, DomainAdaptive, Options, "domain_adaptive", "Goes on with the model's pre-training on plain texts, then fine-tunes it where asked.")
