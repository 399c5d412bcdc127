// The lines of temper score: {"context", "continuation"} (or "context_ids", "continuation_ids"), a pair; {"text"} (or "ids"), a whole text.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <temper/tokenizer.h>
#include <temper/value.h>

#include "data/model_folder.h"
#include "data/text_size.h"
#include "inference/score.h"

namespace temper::cli {

struct ScoreLine {
  std::vector<inference::ScoreRequest> requests;  // one of a pair; of a text its windows, none where it has no token
  bool is_text = false;
  std::optional<data::TextSize> size;  // of a text that was not given as ids
};

class ScoreReader {
 public:
  // `tokenizer` may be null: only ids can be read then. `limit`: positions that the model has.
  ScoreReader(const data::ModelFolder& folder, const Tokenizer* tokenizer, std::int64_t vocabulary, std::int64_t limit);
  // Throws Error for a line that is neither a pair nor a text, or whose ids the model does not know.
  ScoreLine read(const Value& line) const;

 private:
  ScoreLine read_pair(const Value& line) const;
  ScoreLine read_text(const Value& line) const;
  std::int32_t start() const;

  const Tokenizer* tokenizer_;
  std::int64_t vocabulary_, limit_;
  std::optional<std::int32_t> start_;  // what stands before a text, and in for an empty context
};

}  // namespace temper::cli
