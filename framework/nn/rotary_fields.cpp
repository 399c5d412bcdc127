// What config.json says of rotary positions.
#include <temper/torch/rotary.h>

#include <algorithm>
#include <cmath>

namespace temper {

namespace {

const std::vector<std::string> kTypes = {"default", "linear", "dynamic", "llama3", "yarn"};

// Peng et al. 2023, section 3.4: scores of stretched texts are sharpened by scaling queries and keys alike.
double yarn_scale(const RotaryFields::Parameters& parameters, double factor) {
  if (parameters.attention_factor) return *parameters.attention_factor;
  const auto scale = [&](double weight) { return factor <= 1 ? 1.0 : 0.1 * weight * std::log(factor) + 1; };
  const double mscale = parameters.mscale.value_or(0), all = parameters.mscale_all_dim.value_or(0);
  return mscale != 0 && all != 0 ? scale(mscale) / scale(all) : scale(1);
}

double given_or(const std::optional<double>& value, double otherwise) { return value.value_or(0) != 0 ? *value : otherwise; }

}  // namespace

void RotaryFields::Parameters::visit(OptionVisitor& v) {
  v.option("rope_type", rope_type, "\"default\", \"linear\", \"dynamic\", \"llama3\" or \"yarn\".");
  v.option("type", type, "What old files call rope_type.");
  v.option("rope_theta", rope_theta, "The base of the wavelengths.").above(0);
  v.option("partial_rotary_factor", partial_rotary_factor, "Share of a head's channels that are turned.").above(0).at_most(1);
  v.option("factor", factor, "By how much longer texts become.").above(0);
  v.option("original_max_position_embeddings", original_max_position_embeddings, "The longest sequence before stretching.").at_least(1).in("tokens");
  v.option("low_freq_factor", low_freq_factor, "llama3: wavelengths above the original length over this are stretched.").above(0);
  v.option("high_freq_factor", high_freq_factor, "llama3: wavelengths below the original length over this stay.").above(0);
  v.option("beta_fast", beta_fast, "yarn: channels that turn more often within the original length stay.").at_least(0);
  v.option("beta_slow", beta_slow, "yarn: channels that turn less often within the original length are stretched.").at_least(0);
  v.option("attention_factor", attention_factor, "yarn: scales cosines and sines; by default it follows from the factor.").above(0);
  v.option("mscale", mscale, "yarn: weight of the factor's logarithm in attention_factor.");
  v.option("mscale_all_dim", mscale_all_dim, "yarn: the same in what attention_factor is divided by.");
  v.option("truncate", truncate, "yarn: whole channels bound the ramp.");
}

void RotaryFields::visit(OptionVisitor& v) {
  v.table("rope_parameters", rope_parameters, "Rotary positions, as transformers 5 writes them.");
  v.table("rope_scaling", rope_scaling, "How rotary positions are stretched, as transformers 4 wrote it.");
  v.option("rope_theta", rope_theta, "The base of the wavelengths where the tables have none; by default 10000.").above(0);
  v.option("partial_rotary_factor", partial_rotary_factor, "Share of a head's channels that are turned, where the tables have none.").above(0).at_most(1);
  v.option("original_max_position_embeddings", original_max_position_embeddings, "llama3, yarn: the longest sequence before stretching, whatever the tables say.").at_least(1).in("tokens");
}

void RotaryFields::turn_all() { rope_parameters.partial_rotary_factor = rope_scaling.partial_rotary_factor = partial_rotary_factor = std::nullopt; }

RotaryOptions RotaryFields::resolve(std::int64_t head_width, std::int64_t max_positions, double share, const std::string& family,
                                    Problems& problems) const {
  const bool is_old = rope_scaling.rope_type || rope_scaling.type || rope_scaling.factor;
  const Parameters& given = is_old ? rope_scaling : rope_parameters;
  const auto wrong = [&](const std::string& what) { problems.add({}, family + ": " + what); };

  RotaryOptions options;
  options.type = given.rope_type ? *given.rope_type : given.type.value_or("default");
  options.max_positions = max_positions;
  options.theta = given.rope_theta ? *given.rope_theta : rope_theta.value_or(10000);
  const double turned = given.partial_rotary_factor ? *given.partial_rotary_factor : partial_rotary_factor.value_or(share);
  options.width = static_cast<std::int64_t>(static_cast<double>(head_width) * turned);
  // GPT-NeoX turns an odd number's channels and one more, by wavelengths that the odd number gives: so its files are to be read.
  const std::int64_t touched = options.width + options.width % 2;
  if (options.width < 1 || touched > head_width || (options.type == "yarn" && touched != options.width)) {
    wrong("rotary positions turn " + std::to_string(options.width) + " of " + std::to_string(head_width) + " channels of a head, which is no number of pairs");
  }
  if (std::find(kTypes.begin(), kTypes.end(), options.type) == kTypes.end()) {
    std::string known;
    for (const std::string& type : kTypes) known += (known.empty() ? "\"" : ", \"") + type + "\"";
    wrong("there is no rope_type \"" + options.type + "\", known are " + known);
    return options;
  }
  if (options.type == "default") return options;
  options.original_positions = original_max_position_embeddings ? *original_max_position_embeddings : given.original_max_position_embeddings.value_or(max_positions);
  if (options.type == "yarn" && !given.factor) {
    options.factor = static_cast<double>(max_positions) / static_cast<double>(options.original_positions);
  } else if (!given.factor) {
    wrong("rotary positions of the rope_type \"" + options.type + "\" need a factor");
  } else {
    options.factor = *given.factor;
  }
  if (options.type == "dynamic" && options.width <= 2) wrong("rotary positions of the rope_type \"dynamic\" need to turn more than 2 channels of a head");
  if (options.type == "llama3") {
    if (!given.low_freq_factor || !given.high_freq_factor) {
      wrong("rotary positions of the rope_type \"llama3\" need low_freq_factor and high_freq_factor");
    } else if (*given.low_freq_factor == *given.high_freq_factor) {
      wrong("rotary positions: low_freq_factor and high_freq_factor are equal");
    } else {
      options.low_frequency = *given.low_freq_factor;
      options.high_frequency = *given.high_freq_factor;
    }
  }
  if (options.type == "yarn") {
    options.beta_fast = given_or(given.beta_fast, 32);
    options.beta_slow = given_or(given.beta_slow, 1);
    options.table_scale = yarn_scale(given, options.factor);
    options.truncates = given.truncate.value_or(true);
  }
  return options;
}

}  // namespace temper
