// The format of a tokenizer's files leads to the plugin that reads them.
#include "data/open_tokenizer.h"

#include <temper/error.h>

#include "registry/registry.h"

namespace temper::data {

std::unique_ptr<Tokenizer> open_tokenizer(const registry::Registry& registry, const std::filesystem::path& folder_or_file) {
  const std::string format = tokenizer_format(folder_or_file);
  if (format.empty()) {
    throw Error(folder_or_file.string() + " has no tokenizer",
                "wanted one of tokenizer.json, tokenizer.model, vocab.json with merges.txt, encoder.json with vocab.bpe, vocab.txt");
  }
  const registry::Plugin* plugin = registry.find_claim("tokenizer", format);
  if (!plugin) throw Error(folder_or_file.string() + " is a tokenizer of format " + format + ", which no plugin reads", "see: temper plugins");
  return registry.create<Tokenizer>(plugin->name(), Value(Value::Table{{"path", Value(folder_or_file.string())}}));
}

}  // namespace temper::data
