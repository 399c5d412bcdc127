// temper score, the part that needs a model: pairs in, log-likelihoods out, in their order, a chunk at a time.
#include <ATen/Parallel.h>

#include <iostream>
#include <limits>
#include <optional>
#include <thread>

#include <temper/error.h>
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

  inference::ScoreRequest read(const Value& line) const {
    if (!line.is_table()) throw Error(std::string("the line is ") + line.type_name() + ", it must be an object");
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

 private:
  void encode(const Value& line, inference::ScoreRequest& request) const {
    const Value *context = line.find("context"), *continuation = line.find("continuation");
    if (!context || !continuation || !context->is_string() || !continuation->is_string()) {
      throw Error("the line has no pair", "wanted \"context\" and \"continuation\", or \"context_ids\" and \"continuation_ids\"");
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
  std::int64_t number = 0, done = 0;
  bool more = true;
  while (more) {
    std::vector<inference::ScoreRequest> requests;
    for (std::string text; requests.size() < kChunk && (more = static_cast<bool>(std::getline(input.stream(), text)));) {
      ++number;
      if (text.empty()) continue;
      try {
        requests.push_back(reader.read(parse_json(text)));
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
    done += static_cast<std::int64_t>(results.size());
    progress.set(done);
    progress.clear();
    for (const inference::ScoreResult& result : results) {
      std::cout << to_json(Value(Value::Table{{"logprob", Value(result.logprob)}, {"tokens", Value(result.tokens)}, {"is_greedy", Value(result.is_greedy)}})) << '\n';
    }
    std::cout.flush();
  }
  if (work.truncated > 0) std::cerr << work.truncated << " of " << done << " pairs were too long for the model and kept their last " << shape.max_positions + 1 << " tokens\n";
  return 0;
}

}  // namespace temper::cli
