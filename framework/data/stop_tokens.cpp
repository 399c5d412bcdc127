// See stop_tokens.h.
#include "data/stop_tokens.h"

#include <limits>
#include <string>

#include <temper/error.h>

#include "data/atomic_file.h"

namespace temper::data {

namespace {

constexpr std::uintmax_t kLongestConfig = 64'000'000;  // bytes

std::int32_t token_id(const Value& value, const char* file) {
  if (value.is_integer() && value.as_integer() >= 0 && value.as_integer() <= std::numeric_limits<std::int32_t>::max()) return static_cast<std::int32_t>(value.as_integer());
  throw Error({{value.place, std::string(file) + ": eos_token_id holds " + to_json(value) + ", it must be a token's id or a list of them", {}}});
}

std::vector<std::int32_t> eos_of(const Value& config, const char* file) {
  const Value* eos = config.is_table() ? config.find("eos_token_id") : nullptr;
  if (!eos || eos->is_null()) return {};
  if (!eos->is_array()) return {token_id(*eos, file)};
  std::vector<std::int32_t> ids;
  for (const Value& id : eos->as_array()) ids.push_back(token_id(id, file));
  return ids;
}

}  // namespace

Value read_generation_config(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "generation_config.json";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  Value config = parse_json(read_file(path.string(), kLongestConfig), path.string());
  if (!config.is_table()) throw Error(path.string() + " is " + config.type_name() + ", it must be an object");
  return config;
}

std::vector<std::int32_t> stop_tokens(const Value& generation_config, const Value& config, const Tokenizer* tokenizer) {
  std::vector<std::int32_t> ids = eos_of(generation_config, "generation_config.json");
  if (ids.empty()) ids = eos_of(config, "config.json");
  if (ids.empty() && tokenizer) {
    if (const auto eos = tokenizer->special_ids().eos) ids.push_back(*eos);
  }
  return ids;
}

}  // namespace temper::data
