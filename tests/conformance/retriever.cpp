// The conformance suite of retrievers: the checks of temper/testing/retriever.h, in their order.
#include <temper/testing/retriever.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <set>
#include <thread>

#include <temper/error.h>

#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

using Hits = std::vector<Hit>;
using Make = std::function<std::unique_ptr<Retriever>()>;

const std::vector<Passage>& corpus() {
  static const std::vector<Passage> passages = {
      {"whale", "The blue whale is the largest animal that has ever lived in the ocean."},
      {"empty", ""},
      {"bread", "Bakers knead flour, water and yeast before bread rises in warm kitchens."},
      {"moon", "Astronauts walked on the moon and brought grey rocks home."},
      {"again", "The blue whale is the largest animal that has ever lived in the ocean."},
      {"violin", "A violin has four strings and is played with a bow of horse hair."},
      {"rain", "Heavy rain flooded the river valley, and the river carried away two bridges."},
      {"chess", "Chess players study openings, endgames and famous tournaments."},
  };
  return passages;
}
constexpr std::size_t kWhale = 0, kEmpty = 1, kWhaleAgain = 4;
const std::vector<std::string> kQueries = {"largest animal in the ocean", "bread and water", "river valley rain", "strings of a violin", "whale moon chess"};

class Checks {
 public:
  Checks(const Make& make, Failures& failures) : make_(make), failures_(failures) {}

  void run() {
    const auto retriever = make_();
    if (retriever->size() != 0) fail("counts_every_passage", "size() is " + std::to_string(retriever->size()) + " before there is an index, promised is 0");
    retriever->index(corpus());
    if (retriever->size() != static_cast<std::int64_t>(corpus().size())) {
      fail("counts_every_passage", "size() is " + std::to_string(retriever->size()) + " for " + std::to_string(corpus().size()) + " passages");
    }
    if (!check_hits(*retriever)) return;
    check_finding(*retriever);
    check_nothing(*retriever);
    check_prefixes(*retriever);
    const bool alike = check_alike(*retriever);
    if (alike) check_threads(*retriever);
    check_any_query(*retriever);
    check_small_corpora();
    if (!alike) return;
    check_index_anew(*retriever);
    if (check_saving(*retriever)) check_damage(*retriever);
  }

 private:
  bool fail(const std::string& check, const std::string& what) {
    failures_.push_back({check, what});
    return false;
  }
  static std::vector<Hits> answers(const Retriever& retriever) {
    std::vector<Hits> all;
    for (const std::string& query : kQueries) all.push_back(retriever.search(query, 5));
    return all;
  }

  bool check_hits(const Retriever& retriever) {
    const std::size_t failed = failures_.size();
    for (const std::size_t k : {std::size_t{0}, std::size_t{1}, std::size_t{3}, corpus().size(), std::size_t{1000}, std::numeric_limits<std::size_t>::max()}) {
      for (const std::string& query : kQueries) {
        const Hits hits = retriever.search(query, k);
        if (hits.size() > k) return fail("gives_at_most_k", std::to_string(hits.size()) + " hits for k = " + std::to_string(k));
        std::set<std::int64_t> seen;
        for (const Hit& hit : hits) {
          if (hit.passage < 0 || hit.passage >= static_cast<std::int64_t>(corpus().size())) return fail("names_passages_once", "there is no passage " + std::to_string(hit.passage));
          if (!seen.insert(hit.passage).second) return fail("names_passages_once", "passage " + std::to_string(hit.passage) + " stands twice");
          if (hit.passage == kEmpty) return fail("leaves_out_empty_texts", "\"" + query + "\" finds the passage without text");
          if (!std::isfinite(hit.score)) return fail("ranks_by_score", "a score is no number");
        }
        if (!std::ranges::is_sorted(hits, std::greater<>(), &Hit::score)) return fail("ranks_by_score", "scores rise in the hits of \"" + query + "\"");
      }
    }
    return failures_.size() == failed;
  }

  void check_finding(const Retriever& retriever) {
    for (std::size_t i = 0; i < corpus().size(); ++i) {
      if (i == kEmpty || i == kWhaleAgain) continue;
      const Hits hits = retriever.search(corpus()[i].text, 1);
      // Of two with the same text either counts here: their order is the next check's.
      const bool found = !hits.empty() && corpus()[static_cast<std::size_t>(hits[0].passage)].text == corpus()[i].text;
      if (!found) {
        fail("finds_each_passage", "the text of \"" + corpus()[i].id + "\" does not find it first");
        return;
      }
    }
    const Hits hits = retriever.search(corpus()[kWhale].text, 2);
    if (hits.size() < 2 || hits[0].passage != kWhale || hits[1].passage != kWhaleAgain || hits[0].score != hits[1].score) {
      fail("ties_keep_the_order", "two passages with the same text are not found with the same score, the earlier first");
    }
  }

  void check_nothing(const Retriever& retriever) {
    if (!retriever.search("", 5).empty()) fail("finds_nothing_for_nothing", "the empty query finds passages");
  }

  void check_prefixes(const Retriever& retriever) {
    for (const std::string& query : kQueries) {
      const Hits longer = retriever.search(query, 8);
      for (std::size_t k = 1; k < longer.size(); ++k) {
        const Hits shorter = retriever.search(query, k);
        if (!std::ranges::equal(shorter, Hits(longer.begin(), longer.begin() + static_cast<std::ptrdiff_t>(k)))) {
          fail("longer_lists_begin_alike", "\"" + query + "\" has other first " + std::to_string(k) + " hits when more are asked for");
          return;
        }
      }
    }
  }

  bool check_alike(const Retriever& retriever) {
    const std::vector<Hits> first = answers(retriever);
    for (std::size_t q = kQueries.size(); q-- > 0;) {
      if (retriever.search(kQueries[q], 5) != first[q]) return fail("answers_alike", "\"" + kQueries[q] + "\" has other hits when asked again");
    }
    return true;
  }

  void check_threads(const Retriever& retriever) {
    const std::vector<Hits> expected = answers(retriever);
    std::atomic<bool> differs{false};
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
          for (int i = 0; i < 50; ++i) {
            try {
              if (answers(retriever) != expected) differs = true;
            } catch (...) {
              differs = true;
            }
          }
        });
      }
    }
    if (differs) fail("is_thread_safe", "four threads at once get other hits than one");
  }

  void check_any_query(const Retriever& retriever) {
    std::string endless;
    for (int i = 0; i < 20000; ++i) endless += "whale river ";
    for (const std::string& query : {std::string("\xFF\xFE whale \xC3"), std::string("whale\0moon", 10), std::string(" \t\n"), std::string("?!"), std::string("\xF0\x9F\x90\x8B"), std::string(50000, 'x'), endless}) {
      try {
        retriever.search(query, 3);
      } catch (const std::exception& error) {
        fail("takes_any_query", std::string("an odd query throws: ") + error.what());
        return;
      }
    }
  }

  void check_small_corpora() {
    try {
      const auto retriever = make_();
      retriever->index(std::span(corpus()).subspan(2, 1));
      const Hits hits = retriever->search(corpus()[2].text, 5);
      if (retriever->size() != 1 || hits.size() != 1 || hits[0].passage != 0) fail("takes_small_corpora", "a corpus of one passage does not find it");
      for (const std::span<const Passage> small : {std::span(corpus()).subspan(kEmpty, 1), std::span<const Passage>()}) {
        retriever->index(small);
        if (!retriever->search(kQueries[0], 5).empty()) fail("takes_small_corpora", "something is found where there is no text");
      }
    } catch (const std::exception& error) {
      fail("takes_small_corpora", std::string("a corpus of one passage or none throws: ") + error.what());
    }
  }

  void check_index_anew(const Retriever& whole) {
    const auto retriever = make_();
    retriever->index(std::span(corpus()).subspan(2, 3));
    retriever->index(corpus());
    if (retriever->size() != whole.size() || answers(*retriever) != answers(whole)) fail("indexes_anew", "an index made over another one answers differently");
  }

  bool check_saving(const Retriever& retriever) {
    const TemporaryFolder folder;
    try {
      retriever.save(folder.path());
      const auto other = make_();
      other->index(std::span(corpus()).subspan(2, 3));
      other->load(folder.path());
      if (other->size() == retriever.size() && answers(*other) == answers(retriever)) return true;
      return fail("reads_what_it_saved", "what was saved answers differently");
    } catch (const std::exception& error) {
      return fail("reads_what_it_saved", std::string("saving or loading throws: ") + error.what());
    }
  }

  void check_damage(const Retriever& retriever) {
    const TemporaryFolder whole;
    retriever.save(whole.path());
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(whole.path())) {
      if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(whole.path()));
    }
    for (const auto& file : files) {
      const std::uintmax_t size = std::filesystem::file_size(whole / file);
      for (const std::uintmax_t kept : {std::uintmax_t{0}, size / 3, size / 2, size - 1, size}) {
        const TemporaryFolder damaged;
        std::filesystem::copy(whole.path(), damaged.path(), std::filesystem::copy_options::recursive);
        if (kept < size) std::filesystem::resize_file(damaged / file, kept);
        else std::filesystem::remove(damaged / file);
        const std::string what = file.string() + (kept < size ? " cut to " + std::to_string(kept) + " bytes" : std::string(" removed"));
        try {
          const auto other = make_();
          other->load(damaged.path());
          if (answers(*other) == answers(retriever)) continue;
          fail("refuses_damage", what + " is loaded and answers differently");
          return;
        } catch (const Error&) {
        } catch (const std::exception& error) {
          fail("refuses_damage", what + " throws no temper::Error but " + error.what());
          return;
        }
      }
    }
  }

  const Make& make_;
  Failures& failures_;
};

}  // namespace

Failures retriever_failures(const Make& make) {
  Failures failures;
  Checks(make, failures).run();
  return failures;
}

}  // namespace temper::testing
