// Rotary positions (Su et al. 2021, RoFormer): queries and keys are turned by angles that grow with the position, so that scores
// depend on distances. With the ways of stretching them to longer texts that config.json files name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <temper/error.h>
#include <temper/options.h>
#include <temper/torch/forward.h>

namespace temper {

struct RotaryOptions {
  std::int64_t width = 0;            // channels of a head that are turned, an odd number's and one more; the others stay
  std::int64_t max_positions = 2048;  // what config.json calls max_position_embeddings
  double theta = 10000;
  std::string type = "default";  // "default", "linear", "dynamic", "llama3", "yarn"
  double factor = 1;             // how much longer texts become; all but "default"
  std::int64_t original_positions = 0;        // the length before stretching; llama3, yarn
  double low_frequency = 1, high_frequency = 4;  // llama3
  double beta_fast = 32, beta_slow = 1;          // yarn
  double table_scale = 1;                        // yarn: times cosine and sine
  bool truncates = true;                         // yarn: whole channels bound the ramp
};

// The fields of config.json that describe rotary positions, as transformers 5 writes them (rope_parameters) and as 4 did
// (rope_theta, rope_scaling).
struct RotaryFields {
  struct Parameters {
    std::optional<std::string> rope_type, type;
    std::optional<double> rope_theta, partial_rotary_factor, factor, low_freq_factor, high_freq_factor, beta_fast, beta_slow, attention_factor, mscale, mscale_all_dim;
    std::optional<std::int64_t> original_max_position_embeddings;
    std::optional<bool> truncate;
    void visit(OptionVisitor& v);
  };
  Parameters rope_parameters, rope_scaling;
  std::optional<double> rope_theta, partial_rotary_factor;
  std::optional<std::int64_t> original_max_position_embeddings;

  void visit(OptionVisitor& v);
  // For families whose heads turn wholly: what a file says of a part is dropped, as transformers does.
  void turn_all();
  // `share`: the part of a head that is turned where the file names none. What cannot be is added to the problems.
  RotaryOptions resolve(std::int64_t head_width, std::int64_t max_positions, double share, const std::string& family, Problems& problems) const;
};

class Rotary {
 public:
  explicit Rotary(RotaryOptions options);
  ~Rotary();
  Rotary(Rotary&&) noexcept;

  // x [N, H, D] of all tokens, or [B, H, D] of those that are read (context.read); any strides but the last. Positions are those of
  // context.input, which begin above 0 where earlier keys are kept. Gives x's type and shape, contiguous.
  // Channel i is turned together with channel i + width / 2, as in Hugging Face's files.
  Tensor forward(const Tensor& x, const ForwardContext& context) const;

  // The longest sequence: stretching moves it beyond max_positions for "dynamic" and "yarn", where files name the unstretched one.
  std::int64_t longest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace temper
