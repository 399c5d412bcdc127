// Greedy decoding writes transformers' tokens, alone and in a batch, with a cache and without; and stories260K its story to the character.
#include <algorithm>

#include <gtest/gtest.h>

#include "data/open_tokenizer.h"
#include "inference/generate.h"
#include "registry/registry.h"
#include "study/answer_by_generation.h"
#include "support/golden_model.h"

namespace temper {
namespace {

using namespace testing;
using Ids = std::vector<std::int32_t>;

class GenerationGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(GenerationGolden, GreedyTokens) {
  OPEN_GOLDEN(golden, GetParam());
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kLanguageModeling);
  std::vector<inference::GenerateRequest> requests;
  std::vector<Ids> expected;
  for (const std::string number : {"0", "1"}) {
    const auto prompt = golden.integers("generate.prompt_" + number), output = golden.integers("generate.output_" + number);
    requests.push_back({Ids(prompt.begin(), prompt.end()), 0});
    expected.emplace_back(output.begin(), output.end());
  }
  for (const bool plain : {false, true}) {
    for (const std::int64_t rows : {1, 2}) {
      inference::GenerateOptions options;
      options.generation.max_new_tokens = golden.notes().find("generate")->find("max_new_tokens")->as_integer();
      options.rows = rows;
      options.plain = plain;
      const auto results = inference::generate(loaded.model, requests, options);
      for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(results[i].tokens, expected[i]) << "prompt " << i << (plain ? ", no cache" : "");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Families, GenerationGolden, ::testing::Values("gpt2-causal", "llama-causal", "llama3-rope", "mistral", "qwen2", "qwen3"), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(StoriesGeneration, WritesTheStoryToTheCharacter) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const Value story = parse_json(data::read_file(*shared / "models/stories260K/greedy_200.json"));
  const std::filesystem::path folder = *shared / "models/stories260K-hf";
  study::TrialModel model{load(folder, HeadKind::kLanguageModeling), folder, 512, 512};
  const auto tokenizer = data::open_tokenizer(registry::installed(), folder);
  const TaskInfo task{Task::kGeneration, {}};
  Item item{"story", {}};
  item.fields.set(kTextField, story.find("prompt")->as_string());
  const std::string& text = story.find("text")->as_string();
  for (const bool plain : {false, true}) {
    study::WriteOptions options;
    options.generation.max_new_tokens = story.find("steps")->as_integer();
    options.plain = plain;
    const auto written = study::answer_by_generation(model, task, PromptFormat(PromptOptions(), task), tokenizer.get(), std::vector<Item>{item}, std::vector<Prompt>(1), options);
    EXPECT_EQ(to_string(written.predictions.at(0).value), text);
  }
  // A part of it goes on with the rest.
  item.fields.set(kTextField, text.substr(0, text.find(" One day")));
  study::WriteOptions options;
  options.generation.max_new_tokens = 100;
  options.generation.stop_strings = std::vector<std::string>{"\n"};
  const auto rest = study::answer_by_generation(model, task, PromptFormat(PromptOptions(), task), tokenizer.get(), std::vector<Item>{item}, std::vector<Prompt>(1), options);
  const std::size_t begin = text.find(" One day");
  EXPECT_EQ(rest.predictions.at(0).generated->text, text.substr(begin, text.find('\n') - begin));
  EXPECT_EQ(rest.predictions.at(0).generated->finish, "stop_string");
}

}  // namespace
}  // namespace temper
