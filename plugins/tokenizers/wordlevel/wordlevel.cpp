// WordLevel: every word is a token, or unknown.
#include <temper/tokenizer_pipeline.h>

namespace {

struct Options {
  std::filesystem::path path;
  void visit(temper::OptionVisitor& v) { v.option("path", path, "A folder with tokenizer.json, or that file.").required(); }
};

class WordLevel final : public temper::TokenizerPipeline {
 public:
  explicit WordLevel(const Options& options) : TokenizerPipeline(options.path, {"tokenizer.json/WordLevel"}) {}
};

}  // namespace

TEMPER_CLAIMS("tokenizer.json/WordLevel")
TEMPER_PLUGIN(Tokenizer, WordLevel, Options, "wordlevel", "A vocabulary of whole words from a Hugging Face file.")
