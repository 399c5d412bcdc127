// Unigram language models: the tokenizers of T5, ALBERT, XLM-RoBERTa and their kin.
#include <temper/tokenizer_pipeline.h>

namespace {

struct Options {
  std::filesystem::path path;
  void visit(temper::OptionVisitor& v) { v.option("path", path, "A folder with tokenizer.json, or that file.").required(); }
};

class SentencePiece final : public temper::TokenizerPipeline {
 public:
  explicit SentencePiece(const Options& options) : TokenizerPipeline(options.path, {"tokenizer.json/Unigram"}) {}
};

}  // namespace

TEMPER_CLAIMS("tokenizer.json/Unigram")
TEMPER_PLUGIN(Tokenizer, SentencePiece, Options, "sentencepiece", "Unigram language models from Hugging Face files: T5, ALBERT and their kin.")
