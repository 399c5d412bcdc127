// See score_input.h.
#include "cli/worker/score_input.h"

#include <string>
#include <utility>

#include <temper/error.h>

#include "data/encode_pair.h"

namespace temper::cli {

namespace {

std::vector<std::int32_t> read_ids(const Value& value, const std::string& key, std::int64_t vocabulary) {
  if (!value.is_array()) throw Error("\"" + key + "\" is " + value.type_name() + ", it must be an array of token ids");
  std::vector<std::int32_t> ids;
  for (const Value& id : value.as_array()) {
    if (!id.is_integer() || id.as_integer() < 0 || id.as_integer() >= vocabulary) {
      throw Error("\"" + key + "\" holds " + to_json(id) + ", the model knows the ids 0 to " + std::to_string(vocabulary - 1));
    }
    ids.push_back(static_cast<std::int32_t>(id.as_integer()));
  }
  return ids;
}

}  // namespace

ScoreReader::ScoreReader(const data::ModelFolder& folder, const Tokenizer* tokenizer, std::int64_t vocabulary, std::int64_t limit)
    : tokenizer_(tokenizer), vocabulary_(vocabulary), limit_(limit) {
  // bos, else eos; of the tokenizer, else of the config.
  if (tokenizer_) start_ = data::start_token(*tokenizer_);
  for (const char* key : {"bos_token_id", "eos_token_id"}) {
    const Value* id = folder.config.find(key);
    if (id && id->is_array() && !id->as_array().empty()) id = &id->as_array().front();
    if (!start_ && id && id->is_integer()) start_ = static_cast<std::int32_t>(id->as_integer());
  }
}

ScoreLine ScoreReader::read(const Value& line) const {
  if (!line.is_table()) throw Error(std::string("the line is ") + line.type_name() + ", it must be an object");
  for (const char* key : {"context", "continuation", "context_ids", "continuation_ids"}) {
    if (line.find(key)) return read_pair(line);
  }
  if (line.find("text") || line.find("ids")) return read_text(line);
  throw Error("the line has no pair and no text", "wanted \"context\" and \"continuation\", or \"text\"; of ids \"context_ids\" and \"continuation_ids\", or \"ids\"");
}

ScoreLine ScoreReader::read_pair(const Value& line) const {
  inference::ScoreRequest request;
  const Value *context_ids = line.find("context_ids"), *continuation_ids = line.find("continuation_ids");
  if (context_ids && continuation_ids) {
    request = {read_ids(*context_ids, "context_ids", vocabulary_), read_ids(*continuation_ids, "continuation_ids", vocabulary_)};
  } else {
    const Value *context = line.find("context"), *continuation = line.find("continuation");
    if (!context || !continuation || !context->is_string() || !continuation->is_string()) {
      throw Error("the line has no pair", "wanted \"context\" and \"continuation\", or \"context_ids\" and \"continuation_ids\"");
    }
    if (!tokenizer_) throw Error("the model's folder has no tokenizer", "give ids: \"context_ids\" and \"continuation_ids\"");
    data::TokenPair pair = data::encode_pair(*tokenizer_, context->as_string(), continuation->as_string());
    request = {std::move(pair.context), std::move(pair.continuation)};
  }
  if (request.continuation.empty()) throw Error("the continuation has no token, there is nothing to score");
  if (request.context.empty()) request.context.push_back(start());
  ScoreLine result;
  result.requests.push_back(std::move(request));
  return result;
}

ScoreLine ScoreReader::read_text(const Value& line) const {
  ScoreLine result;
  result.is_text = true;
  std::vector<std::int32_t> ids;
  if (const Value* given = line.find("ids")) {
    ids = read_ids(*given, "ids", vocabulary_);
  } else {
    const Value& text = *line.find("text");
    if (!text.is_string()) throw Error(std::string("\"text\" is ") + text.type_name() + ", it must be a string");
    if (!tokenizer_) throw Error("the model's folder has no tokenizer", "give ids: \"ids\"");
    EncodeOptions options;
    options.add_special_tokens = false;
    ids = tokenizer_->encode(text.as_string(), options).ids;
    result.size = data::size_of_text(text.as_string());
  }
  if (!ids.empty()) result.requests = inference::rolling_windows(ids, start(), limit_);
  return result;
}

std::int32_t ScoreReader::start() const {
  if (!start_) throw Error("the context is empty, and the model has no bos or eos token to stand in for it");
  return *start_;
}

}  // namespace temper::cli
