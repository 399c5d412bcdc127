// A tokenizer read from the files of Hugging Face: what most tokenizer plugins are made of.
//
//   struct Options {
//     std::filesystem::path path;
//     void visit(temper::OptionVisitor& v) { v.option("path", path, "A tokenizer folder, or a file of one.").required(); }
//   };
//   struct ByteBpe final : temper::TokenizerPipeline {
//     explicit ByteBpe(const Options& options) : TokenizerPipeline(options.path, {"tokenizer.json/BPE"}) {}
//   };
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <temper/tokenizer.h>

namespace temper {

// A text, or two.
struct TextPair {
  std::string_view first;
  std::optional<std::string_view> second;
};

// The line that every text goes through, as the library `tokenizers` defines it: added tokens are cut out, the rest is
// normalised, split into words, looked up by the model, and framed by the post-processor; decoders lead back.
class TokenizerPipeline : public Tokenizer {
 public:
  // Reads a folder, or one of its files, in the first format (see tokenizer_format) that is there. Throws Error when there is none,
  // when it is not among `formats`, and, naming file and place, for anything in the files that is damaged or unknown.
  TokenizerPipeline(const std::filesystem::path& path, const std::vector<std::string>& formats);
  ~TokenizerPipeline() override;

  Encoding encode(std::string_view text, const EncodeOptions& options = {}) const override;
  Encoding encode_pair(std::string_view first, std::string_view second, const EncodeOptions& options = {}) const override;
  // Several texts at once: for each what encode gives, then with `stored_limits` the windows into which it overflows (neighbours share
  // `stride` tokens), in the library's order. Where the file pads to the longest, all are padded to the longest first one.
  std::vector<std::vector<Encoding>> encode_batch(std::span<const TextPair> texts, const EncodeOptions& options = {}) const;
  std::string decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const override;
  std::int64_t vocabulary_size() const override;
  std::optional<std::int32_t> id_of(std::string_view token) const override;
  std::string token_of(std::int32_t id) const override;
  SpecialIds special_ids() const override;

  class Parts;  // the components, known only to their own sources

 private:
  std::unique_ptr<const Parts> parts_;
};

}  // namespace temper
