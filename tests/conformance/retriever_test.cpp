// The conformance suite of retrievers must find every fault, and only that: for each check a retriever that breaks just this promise.
#include <temper/testing/retriever.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <temper/error.h>

namespace temper::testing {
namespace {

using Hits = std::vector<Hit>;
using Words = std::set<std::string>;

Words words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  return {std::istream_iterator<std::string>(stream), {}};
}

// The number of shared words: keeps all promises. Each fault below overrides one member.
class Sound : public Retriever {
 public:
  void index(std::span<const Passage> corpus) override {
    passages_.clear();
    for (const Passage& passage : corpus) passages_.push_back(passage.text);
  }
  std::int64_t size() const override { return static_cast<std::int64_t>(passages_.size()); }
  Hits search(std::string_view query, std::size_t k) const override {
    Hits hits = all(query);
    if (hits.size() > k) hits.resize(k);
    return hits;
  }
  void save(const std::filesystem::path& folder) const override {
    std::ofstream file(folder / "texts");
    file << passages_.size() << '\n';
    for (const std::string& text : passages_) file << text << '\n';
    file << "end.";
  }
  void load(const std::filesystem::path& folder) override {
    if (!read(folder)) throw Error("texts is damaged");
  }

 protected:
  Hits all(std::string_view query) const {
    Hits hits;
    const Words asked = words_of(query);
    for (std::size_t i = 0; i < passages_.size(); ++i) {
      const Words words = words_of(passages_[i]);
      const auto shared = std::ranges::count_if(asked, [&](const std::string& word) { return words.contains(word); });
      if (shared > 0) hits.push_back({static_cast<std::int64_t>(i), static_cast<float>(shared)});
    }
    std::ranges::stable_sort(hits, std::greater<>(), &Hit::score);
    return hits;
  }
  bool read(const std::filesystem::path& folder) {
    std::ifstream file(folder / "texts");
    std::size_t size = 0;
    std::string line;
    if (!(file >> size) || size > 1000 || !std::getline(file, line)) return false;
    passages_.assign(size, "");
    for (std::string& text : passages_) std::getline(file, text);
    return std::getline(file, line) && line == "end.";
  }

  std::vector<std::string> passages_;
};

template <class T>
Words broken() {
  Words checks;
  for (const Failure& failure : retriever_failures([] { return std::make_unique<T>(); })) checks.insert(failure.check);
  return checks;
}
using Only = Words;

TEST(RetrieverConformance, PassesASoundRetriever) { EXPECT_EQ(describe(retriever_failures([] { return std::make_unique<Sound>(); })), ""); }

TEST(RetrieverConformance, FindsPassagesThatDoNotCount) {
  struct Faulty : Sound {
    std::int64_t size() const override { return passages_.empty() ? -1 : Sound::size(); }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"counts_every_passage"});
}
TEST(RetrieverConformance, FindsAPassageThatItsOwnTextDoesNotFind) {
  struct Faulty : Sound {
    Hits search(std::string_view query, std::size_t k) const override { return query.starts_with("Astronauts") ? Hits() : Sound::search(query, k); }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"finds_each_passage"});
}
TEST(RetrieverConformance, FindsMoreThanK) {
  struct Faulty : Sound {
    Hits search(std::string_view query, std::size_t k) const override { return k == 0 ? Sound::search(query, 1) : Sound::search(query, k); }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"gives_at_most_k"});
}
TEST(RetrieverConformance, FindsAPassageNamedTwice) {
  struct Faulty : Sound {
    Hits search(std::string_view query, std::size_t k) const override {
      Hits hits = Sound::search(query, k);
      if (hits.size() > 2) hits[1] = hits[0];
      return hits;
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"names_passages_once"});
}
TEST(RetrieverConformance, FindsAPassageBeyondTheCorpus) {
  struct Faulty : Sound {
    Hits search(std::string_view query, std::size_t k) const override {
      Hits hits = Sound::search(query, k);
      for (Hit& hit : hits) hit.passage += 100;
      return hits;
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"names_passages_once"});
}
TEST(RetrieverConformance, FindsScoresThatRise) {
  struct Faulty : Sound {
    Hits search(std::string_view query, std::size_t k) const override {
      Hits hits = Sound::search(query, k);
      for (Hit& hit : hits) hit.score = -hit.score;
      return hits;
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"ranks_by_score"});
}
TEST(RetrieverConformance, FindsTiesInAnotherOrder) {
  struct Faulty : Sound {
    Hits search(std::string_view query, std::size_t k) const override {
      Hits hits = all(query);
      std::ranges::sort(hits, [](const Hit& a, const Hit& b) { return a.score != b.score ? a.score > b.score : a.passage > b.passage; });
      if (hits.size() > k) hits.resize(k);
      return hits;
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"ties_keep_the_order"});
}
TEST(RetrieverConformance, FindsShortListsThatAreNoPrefix) {
  struct Faulty : Sound {
    Hits search(std::string_view query, std::size_t k) const override {
      Hits hits = Sound::search(query, k);
      if (k == 3) for (Hit& hit : hits) hit.score *= 2;
      return hits;
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"longer_lists_begin_alike"});
}
TEST(RetrieverConformance, FindsAnEmptyTextThatIsFound) {
  struct Faulty : Sound {
    Hits search(std::string_view query, std::size_t k) const override {
      Hits hits = Sound::search(query, k);
      for (std::size_t i = 0; i < passages_.size() && !query.empty() && hits.size() < k; ++i) {
        if (passages_[i].empty()) hits.push_back({static_cast<std::int64_t>(i), 0.5f});
      }
      return hits;
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"leaves_out_empty_texts"});
}
TEST(RetrieverConformance, FindsHitsForNoQuery) {
  struct Faulty : Sound {
    Hits search(std::string_view query, std::size_t k) const override { return query.empty() && !passages_.empty() && k > 0 ? Hits{{0, 1}} : Sound::search(query, k); }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"finds_nothing_for_nothing"});
}
TEST(RetrieverConformance, FindsAnswersThatChange) {
  struct Faulty : Sound {
    mutable std::atomic<int> calls{0};
    Hits search(std::string_view query, std::size_t k) const override {
      Hits hits = Sound::search(query, k);
      if (k == 5) for (Hit& hit : hits) hit.score += static_cast<float>(calls);
      if (k == 5) ++calls;
      return hits;
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"answers_alike"});
}
TEST(RetrieverConformance, FindsSearchesThatDisturbEachOther) {
  // Works on the thread that made it only, as something with state per thread would.
  struct Faulty : Sound {
    std::thread::id home = std::this_thread::get_id();
    Hits search(std::string_view query, std::size_t k) const override { return std::this_thread::get_id() == home ? Sound::search(query, k) : Hits(); }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"is_thread_safe"});
}
TEST(RetrieverConformance, FindsAQueryThatThrows) {
  struct Faulty : Sound {
    Hits search(std::string_view query, std::size_t k) const override {
      if (query.find('\xFF') != std::string_view::npos) throw Error("the query is not UTF-8");
      return Sound::search(query, k);
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"takes_any_query"});
}
TEST(RetrieverConformance, FindsACorpusThatIsTooSmall) {
  struct Faulty : Sound {
    void index(std::span<const Passage> corpus) override {
      if (corpus.empty()) throw Error("the corpus is empty");
      Sound::index(corpus);
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"takes_small_corpora"});
}
TEST(RetrieverConformance, FindsAnIndexThatGrows) {
  struct Faulty : Sound {
    void index(std::span<const Passage> corpus) override {
      const std::vector<std::string> before = corpus.size() > 1 ? passages_ : std::vector<std::string>();
      Sound::index(corpus);
      passages_.insert(passages_.end(), before.begin(), before.end());
    }
  };
  EXPECT_EQ(broken<Faulty>(), Only{"indexes_anew"});
}
TEST(RetrieverConformance, FindsALoadThatReadsNothing) {
  struct Faulty : Sound { void load(const std::filesystem::path&) override {} };
  EXPECT_EQ(broken<Faulty>(), Only{"reads_what_it_saved"});
}
TEST(RetrieverConformance, FindsDamageThatIsTakenForAnIndex) {
  struct Faulty : Sound { void load(const std::filesystem::path& folder) override { read(folder); } };
  EXPECT_EQ(broken<Faulty>(), Only{"refuses_damage"});
}

}  // namespace
}  // namespace temper::testing
