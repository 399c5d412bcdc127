// Items to tokens, states to vectors.
#include "study/embed_items.h"

#include "data/encode_items.h"
#include "inference/embed.h"

namespace temper::study {

Embeddings embed_items(TrialModel& model, const PromptOptions& prompt, const Tokenizer* tokenizer, std::span<const Item> items,
                       const EmbeddingOptions& embedding, const inference::ClassifyOptions& options) {
  // The task's labels have no say: an item is encoded without its targets.
  const data::ItemEncoder encoder({Task::kClassification, {}}, prompt, tokenizer, model.max_length, model.vocabulary);
  std::vector<Example> examples;
  for (const Item& item : items) examples.push_back(encoder.encode(item).example);
  return inference::embed(model.loaded.model, examples, {.embedding = embedding, .bf16 = options.bf16, .plain = options.plain, .device = options.device});
}

}  // namespace temper::study
