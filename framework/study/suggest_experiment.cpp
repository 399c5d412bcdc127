// Writes what was found as comments, and chooses shares, limits and sweeps by the size of data and model.
#include "study/suggest_experiment.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <temper/error.h>
#include <temper/utf8.h>

namespace temper::study {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kWidth = 118;          // of comments
constexpr std::int64_t kFewestRows = 10;
constexpr std::int64_t kRareRows = 5;        // a label of fewer rows can hardly be learned, or tested
constexpr std::uintmax_t kLargeModel = std::uintmax_t{200} << 20;  // of a file; above it only the head is trained, which takes seconds

// As TOML spells it, shortened: no line break or control character gets into a comment.
std::string quoted(std::string text) {
  constexpr std::size_t kLongest = 48;
  text.resize(valid_utf8_prefix(text));
  if (text.size() > kLongest) {
    text.resize(kLongest);
    text.resize(valid_utf8_prefix(text));
    text += "...";
  }
  return to_toml(Value(text));
}

std::string rows(std::int64_t count) {
  std::string digits = std::to_string(count);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits + (count == 1 ? " row" : " rows");
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + quoted(name);
  return text;
}

class Writer {
 public:
  Writer(const DataLook& data, const ColumnGuess& columns, const ExperimentWish& wish)
      : data_(data), columns_(columns), wish_(wish), text_facts_(facts_of(column(columns.text))), label_facts_(facts_of(column(columns.label))) {}

  std::string write() {
    const std::int64_t usable = data_.rows - without_label();
    if (usable < kFewestRows) throw Error({{{data_.file.string()}, "holds " + rows(usable) + " with a label; an experiment needs " + rows(kFewestRows) + " at least, to set some aside", {}}});
    introduction();
    found();
    line("");
    line("name = " + to_toml(Value(wish_.name)));
    line("task = \"classification\"");
    option("seeds = [1]", "[1, 2, 3] runs what depends on chance three times, and tells how much it does");
    dataset(usable);
    prompt();
    if (wish_.model) with_model();
    else without_model();
    return std::move(out_);
  }

 private:
  const DataColumn& column(const std::string& name) const {
    return *std::find_if(data_.columns.begin(), data_.columns.end(), [&](const DataColumn& column) { return column.name == name; });
  }

  void line(const std::string& text) { out_ += text + '\n'; }

  // A comment, broken between words; what follows the first line is indented.
  void comment(const std::string& text, std::size_t indent = 0) {
    std::string current = "#";
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      if (current.size() + 1 + end - at > kWidth && current.size() > indent + 2) {
        line(current);
        current = "#" + std::string(indent, ' ');
      }
      current += ' ' + text.substr(at, end - at);
      at = end + 1;
    }
    line(current);
  }

  void option(const std::string& setting, const std::string& why) {
    line(setting + (why.empty() ? "" : std::string(setting.size() < 33 ? 33 - setting.size() : 1, ' ') + "# " + why));
  }

  std::int64_t without_label() const {  // estimated where not all rows were looked at
    if (data_.looked_at() == 0) return 0;
    return static_cast<std::int64_t>(std::llround(static_cast<double>(label_facts_.empty) * static_cast<double>(data_.rows) / static_cast<double>(data_.looked_at())));
  }

  std::string shown(const fs::path& path) const {
    const fs::path folder = fs::absolute(wish_.output).parent_path().lexically_normal(), whole = fs::absolute(path).lexically_normal();
    const fs::path relative = whole.lexically_relative(folder);
    return relative.empty() || *relative.begin() == ".." ? whole.string() : relative.string();
  }

  void introduction() {
    const std::string file = quoted(wish_.output.filename().string());
    comment("Which way works best on " + quoted(data_.file.filename().string()) + "? Written by `temper new experiment`, to be changed; it runs as it is:");
    comment("  temper run " + (wish_.output.filename().string().find_first_of(" '\"\\$`") == std::string::npos ? wish_.output.filename().string() : file));
    line("#");
  }

  void found() {
    const bool all = data_.looked_at() == data_.rows;
    comment("What lies in " + quoted(data_.file.filename().string()) + ": " + rows(data_.rows) + (all ? "" : ", of which " + rows(data_.looked_at()) + " were looked at, evenly spaced"));
    if (data_.bad_rows > 0) comment("- " + rows(data_.bad_rows) + " that cannot be read, left out: " + joined(data_.bad_places), 2);
    comment("- text: " + quoted(columns_.text) + " (" + columns_.text_reason + "); median " + std::to_string(text_facts_.median_words) + " words, longest " + std::to_string(text_facts_.longest_words), 2);
    if (text_facts_.empty > 0) comment("  " + rows(text_facts_.empty) + " with an empty text", 2);
    if (const std::int64_t repeated = text_facts_.filled - text_facts_.different; repeated > 0 && columns_.inputs.empty())
      comment("  " + rows(repeated) + (repeated == 1 ? " repeats" : " repeat") + " the text of an earlier one: in train and test at once such rows flatter what learns by heart", 2);
    if (!columns_.other_texts.empty()) comment("  could be the text too: " + listed(columns_.other_texts), 2);
    comment("- label: " + quoted(columns_.label) + " (" + columns_.label_reason + "): " + shares(), 2);
    if (label_facts_.empty > 0) comment("  " + rows(label_facts_.empty) + " without a label, left out", 2);
    if (const std::string rare = rare_labels(); !rare.empty()) comment("  with fewer than " + rows(kRareRows) + ", too few to learn or to test: " + rare, 2);
    if (const std::string alike = alike_labels(); !alike.empty()) comment("  spelled almost alike, which makes two labels of them: " + alike, 2);
    if (!columns_.other_labels.empty()) comment("  could be the label too: " + listed(columns_.other_labels), 2);
    for (const auto& [name, why] : columns_.left_out) comment("- neither: " + quoted(name) + " (" + why + ")", 2);
  }

  static std::string joined(const std::vector<std::string>& places) {
    std::string text;
    for (const std::string& place : places) text += (text.empty() ? "" : "; ") + quoted(place);
    return text;
  }

  std::string shares() const {
    constexpr std::size_t kShown = 12;
    std::string text;
    for (std::size_t i = 0; i < label_facts_.commonest.size() && i < kShown; ++i) {
      const auto& [label, count] = label_facts_.commonest[i];
      const double percent = 100.0 * static_cast<double>(count) / static_cast<double>(label_facts_.filled);
      text += (text.empty() ? "" : ", ") + quoted(label) + ' ' + (percent < 1 ? "under 1" : std::to_string(std::llround(percent))) + " %";
    }
    if (label_facts_.commonest.size() > kShown) text += " and " + std::to_string(label_facts_.commonest.size() - kShown) + " more";
    return text;
  }

  std::string rare_labels() const {
    std::vector<std::string> names;
    for (const auto& [label, count] : label_facts_.commonest) {
      if (count < kRareRows && names.size() < 10) names.push_back(label);
    }
    return listed(names);
  }

  // Labels that differ in case or in blanks around them.
  std::string alike_labels() const {
    std::map<std::string, std::string> seen;
    std::vector<std::string> names;
    for (const auto& [label, count] : label_facts_.commonest) {
      std::string plain;
      for (const char c : label) plain += c == ' ' ? "" : std::string(1, c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
      const auto [known, is_new] = seen.emplace(plain, label);
      if (!is_new && names.size() < 10) names.insert(names.end(), {known->second, label});
    }
    return listed(names);
  }

  void dataset(std::int64_t usable) {
    const double share = usable < 2000 ? 0.2 : 0.1;
    const std::string amount = to_toml(Value(share));
    line("");
    line("[dataset]");
    line("plugin = " + to_toml(Value(data_.plugin)));
    line("train = " + to_toml(Value(shown(data_.file))));
    option("validation = " + amount, "this share of the rows chooses among trials (a file can be given instead)");
    if (wish_.test) option("test = " + to_toml(Value(shown(*wish_.test))), "scored once per trial; it chooses nothing");
    else option("test = " + amount, "and this one is scored once per trial, choosing nothing (or a file)");
    line("text = " + to_toml(Value(columns_.text)));
    line("label = " + to_toml(Value(columns_.label)));
    for (const auto& [name, value] : data_.options.as_table()) line(name + " = " + to_toml(value));
    const bool looked_at_all = data_.looked_at() == data_.rows;
    if (data_.bad_rows > 0 || label_facts_.empty > 0 || !looked_at_all)
      option("on_bad_row = \"drop\"", looked_at_all ? "rows that cannot be read, or lack a label, are counted and left out" : "should there be rows that cannot be read, or lack a label: they are counted and left out");
    const std::int64_t many = wish_.model ? 4000 : 20000;
    if (usable <= many) return;
    option(wish_.model ? "limit = { train = 2000, validation = 500, test = 1000 }" : "limit = { train = 10000, validation = 2000, test = 2000 }", "for quick first answers; without this line all rows are used");
  }

  void prompt() {
    if (columns_.inputs.empty()) return;
    std::string input;
    for (const std::string& name : columns_.inputs) input += (input.empty() ? "{" : " {") + name + '}';
    line("");
    option("[prompt]", "what the model reads of a row; {COLUMN} stands for that column's value");
    line("input = " + to_toml(Value(input)));
  }

  void without_model() {
    line("");
    comment("Two baselines that need no model and run in seconds. A list in a strategy is an axis: a trial for each of its values.");
    line("[[strategy]]");
    option("plugin = \"logistic_regression\"", "on words, weighted by how rare they are: hard to beat on short texts");
    line("features = \"tfidf\"");
    option("C = [0.1, 1, 10]", "the smaller, the more it is held back from learning rows by heart");
    line("");
    line("[[strategy]]");
    option("plugin = \"nearest_neighbour\"", "answers as the rows do that share the most telling words");
    line("features = \"words\"");
    option("k = [1, 5, 15]", "how many rows vote");
    line("");
    comment("To set language models beside them, remove the # below and name a checkpoint: a folder as Hugging Face lays it out, or a name in the local cache of its hub. Or: temper new experiment --data FILE --model FOLDER");
    for (const char* text : {"[model]", "checkpoint = \"sentence-transformers/all-MiniLM-L6-v2\"", "", "[training]", "batch_size = 16", "epochs = 3", "", "[sweep]"}) line(*text ? std::string("# ") + text : "#");
    line("# learning_rate = " + learning_rates());
    for (const char* text : {"", "[[strategy]]", "plugin = \"supervised\""}) line(*text ? std::string("# ") + text : "#");
    line("# tune = \"" + tune() + "\"");
    few_shot();
  }

  void with_model() {
    line("");
    line("[model]");
    const bool is_folder = fs::is_directory(*wish_.model);
    line("checkpoint = " + to_toml(Value(is_folder ? shown(*wish_.model) : *wish_.model)));
    line("");
    option("[training]", "names and meanings as in Hugging Face's TrainingArguments");
    line("batch_size = 16");
    line("epochs = 3");
    line("");
    option("[sweep]", "every list is an axis: a trial for each of its values");
    line("learning_rate = " + learning_rates());
    line("");
    line("[[strategy]]");
    option("plugin = \"supervised\"", "fine-tuning");
    option("tune = \"" + tune() + "\"", tune() == "lora" ? "small matrices beside the model's own; \"full\" trains everything, \"head\" the new last layer alone" : "the new last layer alone, which is quick; \"full\" trains everything");
    line("");
    line("[[strategy]]");
    option("plugin = \"logistic_regression\"", "on the model's embeddings as they are: what fine-tuning must beat");
    line("features = \"embedding\"");
    line("C = [0.1, 1, 10]");
    line("");
    comment("Examples in the prompt instead of training, for causal language models such as GPT-2: remove the # below.");
    few_shot();
  }

  void few_shot() {
    for (const char* text : {"", "[[strategy]]", "plugin = \"few_shot\"          # needs a causal language model, such as openai-community/gpt2", "shots = [0, 4]"}) line(*text ? std::string("# ") + text : "#");
  }

  std::string tune() const { return wish_.has_lora && wish_.model_bytes <= kLargeModel ? "lora" : "head"; }
  std::string learning_rates() const { return tune() == "lora" ? "[2e-4, 1e-3]" : "[1e-3, 3e-3]"; }

  const DataLook& data_;
  const ColumnGuess& columns_;
  const ExperimentWish& wish_;
  ColumnFacts text_facts_, label_facts_;
  std::string out_;
};

}  // namespace

std::string suggest_experiment(const DataLook& data, const ColumnGuess& columns, const ExperimentWish& wish) { return Writer(data, columns, wish).write(); }

std::string study_name_of(const fs::path& data) {
  std::string name;
  for (const char c : data.stem().string()) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
    if (is_plain) name += c;
    else if (!name.empty() && name.back() != '_') name += '_';
  }
  while (!name.empty() && (name.back() == '_' || name.back() == '.')) name.pop_back();
  while (!name.empty() && name.front() == '.') name.erase(0, 1);
  return name.empty() ? "experiment" : name;
}

}  // namespace temper::study
