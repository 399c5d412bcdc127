// Experiments over made-up plugins, for unit tests of the study room: no library is loaded.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <temper/error.h>

#include "data/model_folder.h"
#include "study/option_reader.h"
#include "study/schemas.h"
#include "study/study.h"
#include "support/temporary_folder.h"

namespace temper::testing {

namespace made_up {

template <class T>
OptionSchema schema_of() {
  OptionsOf<T> options;
  return declared(options);
}

struct Csv {
  std::string text = "text", label = "label";
  void visit(OptionVisitor& v) {
    v.option("text", text, "The column with the text.");
    v.option("label", label, "The column with the label.");
  }
};
struct Generator {
  std::int64_t classes = 2;
  void visit(OptionVisitor& v) { v.option("classes", classes, "How many.").at_least(2); }
};
struct Gpt2 {
  std::int64_t n_layer = 12, n_embd = 768;
  void visit(OptionVisitor& v) {
    v.option("n_layer", n_layer, "Blocks.").at_least(1);
    v.option("n_embd", n_embd, "Width.").at_least(1);
  }
};
struct Bert {
  std::int64_t hidden_size = 0;
  void visit(OptionVisitor& v) { v.option("hidden_size", hidden_size, "Width.").required().at_least(1); }
};
struct Lora {
  std::int64_t r = 8;
  double lora_alpha = 16;
  std::vector<std::string> target_modules = {"c_attn"};
  void visit(OptionVisitor& v) {
    v.option("r", r, "Rank.").at_least(1);
    v.option("lora_alpha", lora_alpha, "Scale times r.").above(0);
    v.option("target_modules", target_modules, "What is adapted.");
  }
};
struct Supervised {
  std::string tune = "full";
  std::int64_t last_layers = 1, workers = 1;
  Lora lora;
  void visit(OptionVisitor& v) {
    v.option("tune", tune, "What is trained.").one_of({"full", "head", "last_layers", "lora"});
    v.option("last_layers", last_layers, "How many.").at_least(1);
    v.option("workers", workers, "Of loading.").not_part_of_identity();
    v.table("lora", lora, "Of tune = lora.");
  }
};
struct FewShot {
  std::int64_t shots = 4;
  std::string order = "random";
  void visit(OptionVisitor& v) {
    v.option("shots", shots, "In a prompt.").at_least(0);
    v.option("order", order, "Of shots.").one_of({"random", "balanced"});
  }
};
struct Bm25 {
  double k1 = 1.5;
  std::optional<std::filesystem::path> stop_words;
  void visit(OptionVisitor& v) {
    v.option("k1", k1, "Saturation.").at_least(0);
    v.option("stop_words", stop_words, "A file with a word per line.");
  }
};
struct Rag {
  std::filesystem::path corpus;
  PluginChoice retriever{"bm25", Value::Table()};
  std::vector<double> weights = {1.0};
  void visit(OptionVisitor& v) {
    v.option("corpus", corpus, "What is searched.").required();
    v.plugin("retriever", retriever, "retriever", "Who searches.");
    v.option("weights", weights, "Of fields.");
  }
};
struct Greedy {
  std::int64_t training = 1;
  void visit(OptionVisitor& v) { v.option("training", training, "A name that is the framework's."); }
};

}  // namespace made_up

class MadeUpSchemas final : public study::Schemas {
 public:
  MadeUpSchemas() {
    using namespace made_up;
    plugins_["dataset"] = {{"csv", schema_of<Csv>()}, {"generator", schema_of<Generator>()}};
    plugins_["model"] = {{"gpt2", schema_of<Gpt2>()}, {"bert", schema_of<Bert>()}};
    plugins_["strategy"] = {{"supervised", schema_of<Supervised>()}, {"few_shot", schema_of<FewShot>()}, {"majority", {}},
                            {"rag", schema_of<Rag>()}, {"greedy", schema_of<Greedy>()}};
    plugins_["retriever"] = {{"bm25", schema_of<Bm25>()}, {"dense", {}}};
  }

  std::vector<std::string> names(const std::string& kind) const override {
    std::vector<std::string> names;
    for (const auto& [name, schema] : plugins_.at(kind)) names.push_back(name);
    return names;
  }
  OptionSchema schema(const std::string& kind, const std::string& name) const override {
    if (name == "broken") throw Error({Problem{{"libbroken.so", 0, 0}, "built for another temper", "rebuild it"}});
    const auto found = plugins_.at(kind).find(name);
    if (found != plugins_.at(kind).end()) return found->second;
    throw Error("no " + kind + " plugin is called \"" + name + '"', did_you_mean(name, names(kind)));
  }

  Needs needs(const std::string& strategy, const Value& options) const override {
    if (strategy == "majority") return {.model = false, .training = false, .prompt = false, .seed = false};
    if (strategy == "few_shot") return {.model = true, .training = false, .prompt = true, .seed = options.find("shots")->as_integer() > 0};
    if (strategy == "rag") return {.model = true, .training = false, .prompt = true, .seed = false};
    const Value* tune = options.find("tune");
    return {.model = true, .training = true, .prompt = true, .seed = true, .frozen = tune && tune->as_string() == "head"};
  }
  std::string cannot(const std::string& strategy, const Value&, Task task) const override {
    return strategy == "majority" && task != Task::kClassification ? "a most frequent answer needs labels" : "";
  }
  bool dataset_reads_files(const std::string& dataset, const Value&) const override { return dataset != "generator"; }

  std::string model_plugin(const std::filesystem::path& checkpoint) const override {
    const std::string type = data::open_model_folder(checkpoint).model_type;
    if (type == "gpt2" || type == "bert") return type;
    throw Error("no model plugin reads the model_type \"" + type + '"');
  }

  std::vector<std::string> default_metrics(Task) const override { return {"accuracy", "f1"}; }
  std::vector<MetricValue> metric_values(const std::string& metric, Task task) const override {
    const auto value = [](const std::string& name, Better better) {
      MetricValue result;
      result.name = name;
      result.better = better;
      return result;
    };
    if (metric == "perplexity") return {value("perplexity", Better::kLower)};
    if (metric == "accuracy" && task == Task::kClassification) return {value("accuracy", Better::kHigher)};
    if (metric == "f1") return {value("f1_macro", Better::kHigher), value("f1_micro", Better::kHigher)};
    if (metric.starts_with("f1_")) return {value(metric, Better::kHigher)};
    throw Error("\"" + metric + "\" is no metric of the task", did_you_mean(metric, {"accuracy", "f1", "perplexity"}));
  }

 private:
  std::map<std::string, std::map<std::string, OptionSchema>> plugins_;
};

// A folder with the files that the experiments below name.
class MadeUpStudy {
 public:
  MadeUpStudy() {
    for (const char* name : {"train.csv", "validation.csv", "test.csv", "docs.jsonl", "stop.txt"}) folder.write(name, std::string("rows of ") + name);
    folder.write("model/config.json", R"({"model_type": "gpt2"})");
    folder.write("other_model/config.json", R"({"model_type": "gpt2", "n_layer": 2})");
  }

  study::Surroundings surroundings() const {
    return {schemas, {}, [this](const std::string& name) {
              const auto found = variables.find(name);
              return found == variables.end() ? std::nullopt : std::optional(found->second);
            }};
  }

  study::Study read(const std::string& text, const std::vector<std::string>& sets = {}) const {
    return study::read_study(folder.write("experiment.toml", text), sets, surroundings());
  }

  // The error's text, without the folder's path; "no error".
  std::string error(const std::string& text, const std::vector<std::string>& sets = {}) const {
    try {
      read(text, sets);
    } catch (const Error& error) {
      std::string what = error.what();
      const std::string path = folder.path().string() + '/';
      for (std::size_t at; (at = what.find(path)) != std::string::npos;) what.erase(at, path.size());
      return what;
    }
    return "no error";
  }

  TemporaryFolder folder;
  MadeUpSchemas schemas;
  std::map<std::string, std::string> variables;
};

// Eleven lines; what a test adds begins in line 12.
inline const std::string kBeginning = R"(name = "tweets"
task = "classification"
seeds = [1, 2, 3]

[dataset]
plugin = "csv"
train = "train.csv"
validation = 0.1
test = "test.csv"

[model]
)";
inline const std::string kModel = "checkpoint = \"model\"\n";          // line 12
inline const std::string kSupervised = "[[strategy]]\nplugin = \"supervised\"\n";

// "training.learning_rate=1e-05 training.batch_size=8": the swept options of each trial, and its seed.
inline std::string swept_of(const study::Trial& trial) {
  std::string text = trial.strategy;
  const auto parameters = trial.parameters();
  for (const std::string& path : trial.swept_parameters())
    for (const auto& [name, value] : parameters)
      if (name == path) text += ' ' + name + '=' + to_toml(value);
  if (trial.seed) text += " seed=" + std::to_string(*trial.seed);
  return text;
}
inline std::vector<std::string> swept_of(const std::vector<study::Trial>& trials) {
  std::vector<std::string> lines;
  for (const study::Trial& trial : trials) lines.push_back(swept_of(trial));
  return lines;
}

}  // namespace temper::testing
