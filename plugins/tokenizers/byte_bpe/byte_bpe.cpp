// Byte pair encoding: the tokenizers of GPT-2, RoBERTa, GPT-NeoX, Llama 3, Qwen, StarCoder, Falcon, DeepSeek and their kin.
#include <temper/tokenizer_pipeline.h>

namespace {

struct Options {
  std::filesystem::path path;
  void visit(temper::OptionVisitor& v) {
    v.option("path", path, "A folder with tokenizer.json, or vocab.json and merges.txt, or encoder.json and vocab.bpe; or one of these files.").required();
  }
};

class ByteBpe final : public temper::TokenizerPipeline {
 public:
  explicit ByteBpe(const Options& options) : TokenizerPipeline(options.path, {"tokenizer.json/BPE", "vocab.json+merges.txt", "encoder.json+vocab.bpe"}) {}
};

}  // namespace

TEMPER_CLAIMS("tokenizer.json/BPE vocab.json+merges.txt encoder.json+vocab.bpe")
TEMPER_PLUGIN(Tokenizer, ByteBpe, Options, "byte_bpe", "Byte pair encoding from Hugging Face files: GPT-2, Llama 3, Qwen and their kin.")
