// Texts of plugins and options: layout, wrapping, facts, and the reference page.
#include "registry/describe_text.h"

#include <gmock/gmock.h>

namespace temper::registry {
namespace {

struct Lora {
  std::int64_t r = 8;
  std::vector<std::string> target_modules = {"c_attn"};
  void visit(OptionVisitor& v) {
    v.option("r", r, "Rank of the adapters.").at_least(1);
    v.option("target_modules", target_modules, "Which matrices are adapted.");
  }
};

struct Example {
  std::string keep = "last";
  std::int64_t batch_size = 8;
  std::filesystem::path checkpoint;
  std::optional<double> share;
  std::optional<PathOrNumber> validation;
  Lora lora;
  PluginChoice retriever;
  void visit(OptionVisitor& v) {
    v.option("keep", keep, "Which weights are kept.").one_of({"last", "best", "none"});
    v.option("batch_size", batch_size, "Items per forward.").at_least(1).alias("train_batch_size").in("items");
    v.option("checkpoint", checkpoint, "A folder.").required();
    v.option("share", share, "A share | of it.").above(0).below(1).not_part_of_identity();
    v.option("validation", validation, "A file, or a share.");
    v.table("lora", lora, "Low-rank adapters.");
    v.plugin("retriever", retriever, "retriever", "What finds the passages.");
  }
};

OptionSchema example() {
  OptionsOf<Example> options;
  return declared(options);
}

Plugin example_plugin() {
  Plugin plugin;
  plugin.manifest = {.kind = "strategy", .name = "example", .summary = "An example of a plugin."};
  plugin.manifest.claims = {"gpt2", "x"};
  plugin.library = "/plugins/libstrategy_example.so";
  return plugin;
}

TEST(PluginText, ShowsEachOptionWithItsFacts) {
  EXPECT_EQ(plugin_text(example_plugin(), example(), 60), R"(strategy example
  An example of a plugin.
  for      gpt2, x
  library  /plugins/libstrategy_example.so

options
  keep                 "last", "best" or "none"; default
                       "last"
                       Which weights are kept.
  batch_size           integer, at least 1, in items;
                       default 8
                       Items per forward.
                       Also accepted as train_batch_size.
  checkpoint           path; required
                       A folder.
  share                number, above 0, below 1; default
                       none
                       A share | of it.
  validation           path or number; default none
                       A file, or a share.
  lora                 table
                       Low-rank adapters.
  lora.r               integer, at least 1; default 8
                       Rank of the adapters.
  lora.target_modules  array of strings; default ["c_attn"]
                       Which matrices are adapted.
  retriever            retriever plugin; default none
                       What finds the passages.
)");
  EXPECT_THAT(plugin_text(example_plugin(), {}), ::testing::EndsWith("\nno options\n"));
}

TEST(PluginText, ListsPluginsByKindAndThenWhatIsBroken) {
  const Registry registry({TEMPER_BAD_PLUGIN_DIRECTORY});
  const std::string text = list_text(registry);
  EXPECT_THAT(text, ::testing::StartsWith("metric\n  bad_default               Rejects its own default.\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("\n\noracle\n  other_kind                Made by hand.\n\nstrategy\n  torch_strategy            For the worker only.\n\ncannot be used\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("libwrong_torch.so\n    built for libtorch 2.5.1, this temper runs "));
  EXPECT_THAT(text, ::testing::HasSubstr("libno_library.so\n    no shared library (it does not begin as an ELF file does)\n"));
}

TEST(PluginText, NamesTypesInWords) {
  const auto text = [](OptionType type, int depth) {
    OptionSpec spec;
    spec.type = type;
    spec.array_depth = depth;
    return type_text(spec);
  };
  EXPECT_EQ(text(OptionType::kInteger, 2), "array of arrays of integers");
  EXPECT_EQ(text(OptionType::kPath, 1), "array of paths");
  EXPECT_EQ(text(OptionType::kBool, 1), "array of true or false");
  EXPECT_EQ(text(OptionType::kStringMap, 0), "table of strings");
}

TEST(PluginMarkdown, IsATableOfOptions) {
  EXPECT_EQ(plugin_markdown(example_plugin(), example()), R"(## example

An example of a plugin.

For `gpt2`, `x`.

| option | type | default | meaning |
|---|---|---|---|
| `keep` | "last", "best" or "none" | `"last"` | Which weights are kept. |
| `batch_size` | integer, at least 1, in items | `8` | Items per forward. Also accepted as `train_batch_size`. |
| `checkpoint` | path | required | A folder. |
| `share` | number, above 0, below 1 | none | A share \| of it. Not part of a trial's identity. |
| `validation` | path or number | none | A file, or a share. |
| `lora` | table |  | Low-rank adapters. |
| `lora.r` | integer, at least 1 | `8` | Rank of the adapters. |
| `lora.target_modules` | array of strings | `["c_attn"]` | Which matrices are adapted. |
| `retriever` | retriever plugin | none | What finds the passages. |
)");
}

}  // namespace
}  // namespace temper::registry
