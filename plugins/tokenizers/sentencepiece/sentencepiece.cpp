// sentencepiece's own model files, and Unigram language models of Hugging Face files: T5, ALBERT, Llama 2 and their kin.
#include <temper/tokenizer_pipeline.h>

namespace {

struct Options {
  std::filesystem::path path;
  void visit(temper::OptionVisitor& v) { v.option("path", path, "A folder with tokenizer.json or tokenizer.model, or one of these files.").required(); }
};

class SentencePiece final : public temper::TokenizerPipeline {
 public:
  explicit SentencePiece(const Options& options) : TokenizerPipeline(options.path, {"tokenizer.json/Unigram", "tokenizer.model"}) {}
};

}  // namespace

TEMPER_CLAIMS("tokenizer.json/Unigram tokenizer.model")
TEMPER_PLUGIN(Tokenizer, SentencePiece, Options, "sentencepiece", "sentencepiece's model files, and Unigram language models from Hugging Face files: T5, ALBERT, Llama 2 and their kin.")
