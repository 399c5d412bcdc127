// What a folder of a sentence encoder says about itself, beside its model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include <temper/embeddings.h>

namespace temper::inference {

struct EncoderFolder {
  std::optional<EmbeddingPooling> pooling;  // of modules.json and the pooling's config.json; none: the folder does not say
  std::int64_t max_length = 0;              // sentence_bert_config.json's max_seq_length; 0: it does not say
};

// Files as sentence-transformers lays them out; all may be absent. Throws Error with file and place for one that cannot be read, and
// for a pooling that is none of mean, cls and lasttoken, unless `pooling_is_given`.
EncoderFolder read_encoder_folder(const std::filesystem::path& folder, bool pooling_is_given = false);

}  // namespace temper::inference
