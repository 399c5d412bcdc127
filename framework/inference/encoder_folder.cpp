// The files that sentence-transformers puts beside a model: modules.json, a config.json of the pooling, sentence_bert_config.json.
#include <temper/error.h>
#include <temper/value.h>

#include "data/atomic_file.h"
#include "inference/encoder_folder.h"

namespace temper::inference {

namespace {

namespace fs = std::filesystem;

Value read_json(const fs::path& file) { return parse_json(data::read_file(file, 1 << 20), file.string()); }

// The folder of the module "...Pooling", relative to the model's; empty when there is none.
std::string pooling_folder(const fs::path& file) {
  const Value modules = read_json(file);
  if (!modules.is_array()) throw Error({{{file.string()}, std::string("is ") + modules.type_name() + ", expected an array of modules", {}}});
  for (const Value& module : modules.as_array()) {
    const Value *type = module.is_table() ? module.find("type") : nullptr, *path = module.is_table() ? module.find("path") : nullptr;
    if (type && type->is_string() && type->as_string().ends_with("Pooling") && path && path->is_string()) return path->as_string();
  }
  return {};
}

std::optional<EmbeddingPooling> read_pooling(const fs::path& file) {
  const Value config = read_json(file);
  const auto says = [&](const char* key) {
    const Value* value = config.is_table() ? config.find(key) : nullptr;
    return value && value->is_bool() && value->as_bool();
  };
  const Value* named = config.is_table() ? config.find("pooling_mode") : nullptr;  // newer files name it
  const std::string mode = named && named->is_string() ? named->as_string() : "";
  const bool mean = mode == "mean" || says("pooling_mode_mean_tokens"), first = mode == "cls" || says("pooling_mode_cls_token"),
             last = mode == "lasttoken" || says("pooling_mode_lasttoken");
  const bool other = says("pooling_mode_max_tokens") || says("pooling_mode_mean_sqrt_len_tokens") || says("pooling_mode_weightedmean_tokens");
  if (mean + first + last != 1 || other) throw Error({{{file.string()}, "asks for a pooling that is not one of mean, first (cls) and last token", "name one: pooling = \"mean\""}});
  return mean ? EmbeddingPooling::kMean : first ? EmbeddingPooling::kFirst : EmbeddingPooling::kLast;
}

}  // namespace

EncoderFolder read_encoder_folder(const fs::path& folder, bool pooling_is_given) {
  EncoderFolder result;
  if (!pooling_is_given && fs::exists(folder / "modules.json")) {
    const std::string inner = pooling_folder(folder / "modules.json");
    // Copies of a model often lack the subfolders.
    if (!inner.empty() && fs::exists(folder / inner / "config.json")) result.pooling = read_pooling(folder / inner / "config.json");
  }
  const fs::path limits = folder / "sentence_bert_config.json";
  if (fs::exists(limits)) {
    const Value config = read_json(limits);
    const Value* length = config.is_table() ? config.find("max_seq_length") : nullptr;
    if (length && length->is_integer() && length->as_integer() > 0) result.max_length = length->as_integer();
  }
  return result;
}

}  // namespace temper::inference
