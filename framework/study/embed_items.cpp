// Items to tokens, states to vectors.
#include "study/embed_items.h"

#include <temper/error.h>

namespace temper::study {

Embeddings embed_items(TrialModel&, const PromptOptions&, const Tokenizer*, std::span<const Item>, const EmbeddingOptions&, const inference::ClassifyOptions&) {
  throw Error("embeddings are being built");
}

}  // namespace temper::study
