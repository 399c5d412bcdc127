// Retriever plugins: which passages of a corpus belong to a query, the best first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <temper/plugin.h>

namespace temper {

// Valid UTF-8. A text may be empty: such a passage keeps its place and is never found.
struct Passage {
  std::string id;
  std::string text;
};

struct Hit {
  std::int64_t passage = 0;  // its place in the corpus, from 0
  float score = 0;           // higher is better; comparable within one search only

  friend bool operator==(const Hit&, const Hit&) = default;
};

// The index alone is the retriever's; texts stay with whoever owns the corpus. What `index` makes depends on the options, the
// passages and their order, and on nothing else: the framework keeps it on disk under a hash of these.
class Retriever {
 public:
  virtual ~Retriever() = default;

  // Makes the index of a corpus, in place of any that was there. The passages are not kept.
  virtual void index(std::span<const Passage> corpus) = 0;

  // How many passages are indexed, those with empty texts included; 0 before the first index or load.
  virtual std::int64_t size() const = 0;

  // At most k passages, the highest score first, equal scores in the order of the corpus; so a longer list begins with the shorter
  // one. Passages that nothing speaks for are left out, and an empty query finds none. Takes any bytes. Thread-safe.
  virtual std::vector<Hit> search(std::string_view query, std::size_t k) const = 0;

  // The same for several queries; a retriever that reads many at once does better than one after another.
  virtual std::vector<std::vector<Hit>> search_batch(std::span<const std::string_view> queries, std::size_t k) const {
    std::vector<std::vector<Hit>> hits;
    for (const std::string_view query : queries) hits.push_back(search(query, k));
    return hits;
  }

  // Writes the index into a folder that is there and empty, and reads it back; `load` replaces any index that was there. Throws
  // Error naming the file when it cannot be written or is damaged; then the retriever must not be searched.
  virtual void save(const std::filesystem::path& folder) const = 0;
  virtual void load(const std::filesystem::path& folder) = 0;
};

}  // namespace temper

TEMPER_DECLARE_KIND(Retriever)
