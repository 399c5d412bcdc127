// Adapters go both ways between temper and PEFT, with the same logits.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <sstream>

#include <temper/value.h>

#include "support/ids_experiment.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

class Peft : public ::testing::TestWithParam<const char*> {
 protected:
  // base: a small classifier that a first study trained.
  void SetUp() override {
    const char* named = std::getenv("TEMPER_PYTHON");
    if (!named || run_shell(std::string(named) + " -c 'import peft'").status != 0) GTEST_SKIP() << "TEMPER_PYTHON names no python with peft (scripts/setup --tests makes one)";
    python = named;
    write_ids_experiment(folder, "epochs = 1\nlearning_rate = 1e-3");
    std::string toml = folder.read("ids.toml");
    const std::size_t begin = toml.find("plugin = \"bert\""), end = toml.find("[training]");
    if (std::string(GetParam()) == "gpt2") toml.replace(begin, end - begin, "plugin = \"gpt2\"\nconfig = { vocab_size = 48, n_embd = 32, n_layer = 2, n_head = 2, n_positions = 32, initializer_range = 0.2 }\n");
    folder.write("ids.toml", toml);
    succeed(temper("run ids.toml"));
    succeed(temper("export results/ids base"));
  }

  static std::string temper(const std::string& arguments) { return "'" + temper_program() + "' " + arguments; }
  std::string script(const std::string& arguments) const { return "'" + python + "' '" TEMPER_SOURCE_DIRECTORY "/tests/interop/peft_adapters.py' " + arguments; }
  std::string succeed(const std::string& command) const {
    const ProgramResult result = run_shell(command, folder.path());
    EXPECT_EQ(result.status, 0) << command << '\n' << result.all();
    return result.out;
  }

  TemporaryFolder folder;
  std::string python;
};

TEST_P(Peft, LoadsWhatTemperSaved) {
  const char* kinds[] = {"r = 4, lora_alpha = 8", "r = 2, target_modules = \"all-linear\", use_rslora = true", "r = 3, use_dora = true"};
  for (const std::string kind : kinds) {
    SCOPED_TRACE(kind);
    std::string toml = folder.read("ids.toml");
    const std::size_t begin = toml.find("[model]"), end = toml.find("[[strategy]]");
    toml.replace(begin, end - begin, "[model]\ncheckpoint = \"base\"\n[training]\nepochs = 2\nlearning_rate = 1e-2\n");
    folder.write("lora.toml", toml + "tune = \"lora\"\nlora = { " + kind + " }\n");
    succeed("rm -rf results/ids adapter && " + temper("run lora.toml") + " && " + temper("export results/ids adapter") + " && test -f adapter/adapter_config.json");
    succeed(temper("predict --model adapter --logits --input test.jsonl > answers.jsonl"));
    succeed(script("check base adapter test.jsonl answers.jsonl"));
  }
}

TEST_P(Peft, SavesWhatTemperLoads) {
  const std::string targets = std::string(GetParam()) == "gpt2" ? "[\"c_attn\", \"c_proj\"]" : "[\"query\", \"dense\"]";
  const std::string kinds[] = {R"({"r": 4, "lora_alpha": 16, "target_modules": )" + targets + "}", R"({"r": 2, "task_type": null, "target_modules": )" + targets + "}", R"({"r": 2, "target_modules": "all-linear", "use_rslora": true})",
                               R"({"r": 3, "lora_alpha": 6, "use_dora": true, "target_modules": )" + targets + "}"};
  for (const std::string& kind : kinds) {
    SCOPED_TRACE(kind);
    std::istringstream expected(succeed("rm -rf made && " + script("make base made test.jsonl '" + kind + "'")));
    const ProgramResult predicted = run_shell(temper("predict --model made --base base --logits --input test.jsonl"), folder.path());
    EXPECT_EQ(predicted.status, 0) << predicted.err;
    EXPECT_EQ(predicted.err.find("is the base model's") != std::string::npos, kind.find("\"task_type\": null") != std::string::npos) << predicted.err;
    std::istringstream answers(predicted.out);
    int rows = 0;
    for (std::string line, answer; std::getline(expected, line) && std::getline(answers, answer); ++rows) {
      const Value logits = parse_json(line), answered = parse_json(answer);
      const Value::Array& own = answered.find("logits")->as_array();
      ASSERT_EQ(own.size(), logits.as_array().size());
      for (std::size_t i = 0; i < own.size(); ++i) EXPECT_NEAR(own[i].as_number(), logits.as_array()[i].as_number(), 1e-4) << rows;
    }
    EXPECT_EQ(rows, 30);
  }
}

TEST_P(Peft, NeitherTakesAnAdapterWithoutTheHeadThatItClaims) {
  const std::string targets = std::string(GetParam()) == "gpt2" ? "[\"c_attn\"]" : "[\"query\"]", head = std::string(GetParam()) == "gpt2" ? "score" : "classifier";
  succeed(script("make base made test.jsonl '{\"r\": 2, \"target_modules\": " + targets + "}'"));
  EXPECT_NE(succeed(script("behead base made test.jsonl '{}'")).find("base_model.model." + head), std::string::npos);
  const ProgramResult result = run_shell(temper("predict --model made --base base --input test.jsonl"), folder.path());
  EXPECT_NE(result.status, 0);
  EXPECT_NE(result.err.find("has no tensor \"base_model.model." + head + ".weight\""), std::string::npos) << result.err;
}

INSTANTIATE_TEST_SUITE_P(Family, Peft, ::testing::Values("bert", "gpt2"), [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace temper::testing
