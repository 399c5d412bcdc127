// WordPiece: the tokenizer of BERT and its kin.
#include <temper/tokenizer_pipeline.h>

namespace {

struct Options {
  std::filesystem::path path;
  void visit(temper::OptionVisitor& v) { v.option("path", path, "A folder with tokenizer.json or vocab.txt, or one of these files.").required(); }
};

class WordPiece final : public temper::TokenizerPipeline {
 public:
  explicit WordPiece(const Options& options) : TokenizerPipeline(options.path, {"tokenizer.json/WordPiece", "vocab.txt"}) {}
};

}  // namespace

TEMPER_CLAIMS("tokenizer.json/WordPiece vocab.txt")
TEMPER_PLUGIN(Tokenizer, WordPiece, Options, "wordpiece", "WordPiece from Hugging Face files: BERT and its kin.")
