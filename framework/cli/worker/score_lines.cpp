// temper score, the part that needs a model: pairs and texts in, log-likelihoods out, in their order, a chunk at a time.
#include <ATen/Parallel.h>

#include <cmath>
#include <iostream>
#include <limits>
#include <optional>
#include <thread>

#include <temper/error.h>
#include <temper/texts.h>
#include <temper/tokenizer.h>

#include "cli/command_line.h"
#include "cli/input_lines.h"
#include "cli/progress.h"
#include "cli/worker/worker_verb.h"
#include "data/adapter_folder.h"
#include "data/encode_pair.h"
#include "data/model_folder.h"
#include "data/open_tokenizer.h"
#include "inference/score.h"
#include "nn/checkpoint.h"
#include "registry/registry.h"

namespace temper::cli {

namespace {

constexpr std::size_t kChunk = 512;  // lines that are read before they are scored, so that batches can be sorted by length

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

// What a line asks for: one pair, or a whole text as the windows in which it is read.
struct ScoredLine {
  std::size_t requests = 0;
  bool is_text = false;                // a text, or its ids
  std::optional<std::string> text;     // as it was given
};

// Words as the harness counts them for its word_perplexity: the pieces of re.split(r"\s+", text), which are one more where the text begins
// or ends with blanks, and one of an empty text.
std::int64_t count_words(const std::string& text) {
  const std::vector<std::string_view> words = split_at_blanks(text);
  if (words.empty()) return text.empty() ? 1 : 2;
  const bool begins_blank = words.front().data() != text.data();
  const bool ends_blank = words.back().data() + words.back().size() != text.data() + text.size();
  return static_cast<std::int64_t>(words.size()) + begins_blank + ends_blank;
}

// Of all whole texts: for their perplexities.
struct TextTotals {
  std::int64_t texts = 0, tokens = 0, words = 0, bytes = 0;
  double logprob = 0, logprob_of_known = 0;  // the second of those whose text was given, not its ids

  void tell(std::ostream& out) const {
    if (texts == 0 || tokens == 0) return;
    out << texts << (texts == 1 ? " text, " : " texts, ") << tokens << " tokens: perplexity " << std::exp(-logprob / static_cast<double>(tokens)) << " per token";
    if (bytes > 0) {
      const double nats = -logprob_of_known;
      out << ", " << std::exp(nats / static_cast<double>(words)) << " per word (" << words << "), " << std::exp(nats / static_cast<double>(bytes)) << " per byte (" << bytes << "; "
          << nats / static_cast<double>(bytes) / std::log(2) << " bits)";
    }
    out << '\n';
  }
};

class PairReader {
 public:
  PairReader(const data::ModelFolder& folder, const Tokenizer* tokenizer, std::int64_t vocabulary) : tokenizer_(tokenizer), vocabulary_(vocabulary) {
    // What stands in for an empty context: bos, else eos; of the tokenizer, else of the config.
    if (tokenizer_) start_ = data::start_token(*tokenizer_);
    for (const char* key : {"bos_token_id", "eos_token_id"}) {
      const Value* id = folder.config.find(key);
      if (id && id->is_array() && !id->as_array().empty()) id = &id->as_array().front();
      if (!start_ && id && id->is_integer()) start_ = static_cast<std::int32_t>(id->as_integer());
    }
  }

  // Adds the line's requests. `limit`: the tokens that the model reads.
  ScoredLine read(const Value& line, std::int64_t limit, std::vector<inference::ScoreRequest>& requests) const {
    if (!line.is_table()) throw Error(std::string("the line is ") + line.type_name() + ", it must be an object");
    const Value *text = line.find("text"), *ids = line.find("ids");
    bool has_pair = false;
    for (const char* key : {"context", "continuation", "context_ids", "continuation_ids"}) has_pair = has_pair || line.find(key);
    if (has_pair || (!text && !ids)) {
      requests.push_back(read_pair(line));
      return {1, false, {}};
    }
    ScoredLine scored{0, true, {}};
    std::vector<std::int32_t> tokens;
    if (ids) {
      tokens = read_ids(*ids, "ids", vocabulary_);
    } else {
      if (!text->is_string()) throw Error(std::string("\"text\" is ") + text->type_name() + ", it must be a string");
      if (!tokenizer_) throw Error("the model's folder has no tokenizer", "give ids: \"ids\"");
      scored.text = text->as_string();
      EncodeOptions plain;
      plain.add_special_tokens = false;
      tokens = tokenizer_->encode(*scored.text, plain).ids;
    }
    if (tokens.empty()) return scored;
    if (!start_) throw Error("nothing stands before the text, and the model has no bos or eos token to stand in for it");
    for (inference::ScoreRequest& window : inference::rolling_windows(tokens, *start_, limit)) {
      requests.push_back(std::move(window));
      ++scored.requests;
    }
    return scored;
  }

 private:
  inference::ScoreRequest read_pair(const Value& line) const {
    inference::ScoreRequest request;
    const Value *context_ids = line.find("context_ids"), *continuation_ids = line.find("continuation_ids");
    if (context_ids && continuation_ids) {
      request.context = read_ids(*context_ids, "context_ids", vocabulary_);
      request.continuation = read_ids(*continuation_ids, "continuation_ids", vocabulary_);
    } else {
      encode(line, request);
    }
    if (request.context.empty()) {
      if (!start_) throw Error("the context is empty, and the model has no bos or eos token to stand in for it");
      request.context.push_back(*start_);
    }
    return request;
  }

  void encode(const Value& line, inference::ScoreRequest& request) const {
    const Value *context = line.find("context"), *continuation = line.find("continuation");
    if (!context || !continuation || !context->is_string() || !continuation->is_string()) {
      const bool says_nothing = !context && !continuation && !line.find("context_ids") && !line.find("continuation_ids");
      throw Error(says_nothing ? "the line has no pair and no text" : "the line has no pair",
                  "wanted \"context\" and \"continuation\", \"context_ids\" and \"continuation_ids\", \"text\", or \"ids\"");
    }
    if (!tokenizer_) throw Error("the model's folder has no tokenizer", "give ids: \"context_ids\" and \"continuation_ids\"");
    data::TokenPair pair = data::encode_pair(*tokenizer_, context->as_string(), continuation->as_string());
    request = {std::move(pair.context), std::move(pair.continuation)};
  }

  const Tokenizer* tokenizer_;
  std::int64_t vocabulary_;
  std::optional<std::int32_t> start_;
};

}  // namespace

int score_lines(const std::vector<std::string>& arguments) {
  std::string model_name, base_name, input_path, truncate, dtype = "float32";
  std::optional<std::int64_t> batch_size, threads;
  bool quiet = false;
  CommandLine line("score", "");
  line.option("model", model_name, "FOLDER", "").option("base", base_name, "FOLDER", "").option("input", input_path, "FILE", "").option("truncate", truncate, "left", "")
      .option("dtype", dtype, "TYPE", "").option("batch-size", batch_size, "N", "").option("threads", threads, "N", "").flag("quiet", quiet, "");
  if (!line.parse(arguments)) return 0;
  at::set_num_threads(static_cast<int>(threads.value_or(std::max(1u, std::thread::hardware_concurrency()))));

  const registry::Registry& registry = registry::installed();
  const std::filesystem::path folder = data::find_checkpoint(model_name);
  const std::filesystem::path base = base_name.empty() ? std::filesystem::path() : data::find_checkpoint(base_name);
  if (!base.empty() && !data::is_adapter_folder(folder)) throw Error(folder.string() + " is no folder of adapters, it has no base", "leave --base out");
  const data::ModelFolder description = data::open_model_folder(folder, base);
  nn::LoadedModel loaded = nn::load_model(registry, folder, {.head = HeadKind::kLanguageModeling, .labels = {}, .seed = 0, .base = base});
  const ModelShape shape = loaded.model.model().shape();
  if (!shape.causal) throw Error(folder.string() + " reads texts in both directions, it gives no likelihood of a continuation");
  if (!loaded.new_parameters.empty()) throw Error(folder.string() + " lacks " + loaded.new_parameters.front() + ", it is no trained language model");
  std::unique_ptr<Tokenizer> tokenizer;
  const std::filesystem::path tokenizer_place = data::tokenizer_folder(folder, base);
  if (!tokenizer_format(tokenizer_place).empty()) tokenizer = data::open_tokenizer(registry, tokenizer_place);
  const PairReader reader(description, tokenizer.get(), shape.vocabulary);
  const inference::ScoreOptions options{.batch_size = batch_size.value_or(64), .truncate_left = truncate == "left", .bf16 = dtype == "bf16"};

  InputLines input(input_path);
  Progress progress(quiet ? std::nullopt : input.count(), quiet);
  inference::ScoreWork work;
  TextTotals totals;
  std::int64_t number = 0, done = 0;
  bool more = true;
  while (more) {
    std::vector<inference::ScoreRequest> requests;
    std::vector<ScoredLine> lines;
    for (std::string text; requests.size() < kChunk && (more = static_cast<bool>(std::getline(input.stream(), text)));) {
      ++number;
      if (text.empty()) continue;
      try {
        lines.push_back(reader.read(parse_json(text), shape.max_positions, requests));
        if (lines.back().is_text) continue;
        const std::int64_t length = static_cast<std::int64_t>(requests.back().context.size() + requests.back().continuation.size());
        if (requests.back().continuation.empty()) throw Error("the continuation has no token, there is nothing to score");
        if (!options.truncate_left && length > shape.max_positions + 1) {
          throw Error("context and continuation have " + std::to_string(length) + " tokens, the model takes at most " + std::to_string(shape.max_positions + 1),
                      "keep the last ones: --truncate left");
        }
      } catch (const Error& error) {
        throw Error({{{input.name(), static_cast<int>(number), 0}, error.problems().front().what, error.problems().front().remedy}});
      }
    }
    const std::vector<inference::ScoreResult> results = inference::score(loaded.model, requests, options, &work);
    done += static_cast<std::int64_t>(lines.size());
    progress.set(done);
    progress.clear();
    auto result = results.begin();
    for (const ScoredLine& scored : lines) {
      if (!scored.is_text) {
        std::cout << to_json(Value(Value::Table{{"logprob", Value(result->logprob)}, {"tokens", Value(result->tokens)}, {"is_greedy", Value(result->is_greedy)}})) << '\n';
        ++result;
        continue;
      }
      double logprob = 0;
      std::int64_t tokens = 0;
      for (std::size_t i = 0; i < scored.requests; ++i, ++result) {
        logprob += result->logprob;
        tokens += result->tokens;
      }
      Value answer = Value::Table{{"logprob", logprob}, {"tokens", tokens}};
      ++totals.texts;
      totals.tokens += tokens;
      totals.logprob += logprob;
      if (scored.text) {
        const std::int64_t words = count_words(*scored.text), bytes = static_cast<std::int64_t>(scored.text->size());
        answer.set("words", words);
        answer.set("bytes", bytes);
        totals.words += words;
        totals.bytes += bytes;
        totals.logprob_of_known += logprob;
      }
      std::cout << to_json(answer) << '\n';
    }
    std::cout.flush();
  }
  if (!quiet) totals.tell(std::cerr);
  if (work.truncated > 0) std::cerr << work.truncated << " of " << done << " lines were too long for the model and kept their last " << shape.max_positions + 1 << " tokens\n";
  return 0;
}

}  // namespace temper::cli
