// BM25 as Lucene computes it: words that a query and a passage share, rare ones counting more.
//   idf(w) = ln(1 + (N - n(w) + 0.5) / (n(w) + 0.5))
//   score(q, d) = sum over w in q of  idf(w) tf(w, d) / (tf(w, d) + k1 (1 - b + b |d| / avgdl))
// N passages, n(w) of them with w, tf(w, d) how often w stands in d, |d| the words of d, avgdl their mean. Robertson and Zaragoza, The
// Probabilistic Relevance Framework: BM25 and Beyond (2009), equation 3.15; this idf, and no factor k1 + 1, as Lucene's BM25Similarity
// has them (Kamphuis et al., Which BM25 Do You Mean?, 2020, section 2). A word that a query repeats counts each time.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include <temper/error.h>
#include <temper/lower_words.h>
#include <temper/retriever.h>

#include "index.h"
#include "stop_words.h"

namespace {

using namespace temper;
using bm25::Index;

struct Options {
  double k1 = 1.5;
  double b = 0.75;
  std::string stop_words = "english";

  void visit(OptionVisitor& v) {
    v.option("k1", k1, "How slowly a word that stands in a passage again and again stops counting; 0: only whether it stands there.").at_least(0).at_most(1e6);
    v.option("b", b, "How much the length of passages is made up for: 0 not at all, 1 wholly.").at_least(0).at_most(1);
    v.option("stop_words", stop_words, "Words that are left out of passages and queries.").one_of({"english", "none"});
  }
};

class Bm25 final : public Retriever {
 public:
  explicit Bm25(Options options) : options_(std::move(options)) {}

  std::int64_t size() const override { return index_.passages(); }

  void index(std::span<const Passage> corpus) override {
    if (corpus.size() > UINT32_MAX) throw Error("the corpus has " + std::to_string(corpus.size()) + " passages, bm25 takes 4294967295");
    struct Count {
      std::uint32_t word, passage, count;
    };
    Index made;
    std::vector<Count> counts;                       // by passage
    std::vector<std::uint32_t> lengths, words, in_passages;  // per passage; of one passage; per word
    double all_words = 0;
    for (const Passage& passage : corpus) {
      made.add_passage();
      words.clear();
      for_each_word(passage.text, [&](std::string_view word) { words.push_back(made.word(word)); });
      in_passages.resize(made.words());
      std::ranges::sort(words);
      const auto number = static_cast<std::uint32_t>(lengths.size());
      for (std::size_t i = 0, end; i < words.size(); i = end) {
        for (end = i; end < words.size() && words[end] == words[i];) ++end;
        counts.push_back({words[i], number, static_cast<std::uint32_t>(end - i)});
        ++in_passages[words[i]];
      }
      lengths.push_back(static_cast<std::uint32_t>(words.size()));
      all_words += static_cast<double>(words.size());
    }
    std::vector<std::uint64_t> begins(in_passages.size() + 1, 0);
    for (std::size_t w = 0; w < in_passages.size(); ++w) begins[w + 1] = begins[w] + in_passages[w];
    std::vector<Index::Posting> postings(counts.size());
    std::vector<std::uint64_t> next(begins.begin(), begins.end() - 1);
    const double passages = static_cast<double>(corpus.size()), mean_length = all_words / passages;
    for (const Count& count : counts) {
      const double n = in_passages[count.word], tf = count.count;
      const double idf = std::log1p((passages - n + 0.5) / (n + 0.5));
      const double saturation = options_.k1 * (1 - options_.b + options_.b * lengths[count.passage] / mean_length);
      postings[next[count.word]++] = {count.passage, static_cast<float>(idf * tf / (tf + saturation))};
    }
    made.set_postings(std::move(begins), std::move(postings));
    index_ = std::move(made);
  }

  std::vector<Hit> search(std::string_view query, std::size_t k) const override {
    std::vector<float> scores(static_cast<std::size_t>(index_.passages()), 0.0f);
    for_each_word(query, [&](std::string_view text) {
      const std::uint32_t* word = index_.find(text);
      if (!word) return;
      for (const Index::Posting& posting : index_.postings(*word)) scores[posting.passage] += posting.impact;
    });
    return bm25::highest(scores, k);
  }

  void save(const std::filesystem::path& folder) const override { index_.save(folder / kFile); }
  void load(const std::filesystem::path& folder) override { index_ = Index::load(folder / kFile); }

 private:
  static constexpr const char* kFile = "postings.bm25";

  template <class Take>
  void for_each_word(std::string_view text, Take&& take) const {
    const bool all = options_.stop_words == "none";
    LowerWords(text).for_each([&](std::string_view word) {
      if (all || !std::ranges::binary_search(bm25::kEnglishStopWords, word)) take(word);
    });
  }

  Options options_;
  Index index_;
};

}  // namespace

TEMPER_PLUGIN(Retriever, Bm25, Options, "bm25", "Passages that share words with the query, rare words counting more: BM25 in Lucene's form.")
