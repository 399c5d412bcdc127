// Retrievers with their corpus indexed: from disk where the same was indexed before.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include <temper/retriever.h>
#include <temper/value.h>

namespace temper::registry { class Registry; }

namespace temper::retrieval {

// ${XDG_CACHE_HOME:-~/.cache}/temper/indexes; empty without a home.
std::filesystem::path default_index_cache();

enum class IndexSource { kMade, kCache };

struct IndexedRetriever {
  std::unique_ptr<Retriever> retriever;
  IndexSource source = IndexSource::kMade;
};

// Makes the plugin and indexes the corpus. An index is kept in a folder of `cache` that is named by the contents of everything it was
// made of: passages and their order, options (and the files that they name), the libraries of the plugin and of those inside it, and
// our own. It appears as a whole or not at all; a damaged one is made anew. An empty `cache`, or one that cannot be written, makes
// the index each time. Throws Error for wrong options and whatever the plugin throws.
IndexedRetriever indexed_retriever(const registry::Registry& registry, const std::string& plugin, const Value& options,
                                   std::span<const Passage> corpus, const std::filesystem::path& cache);

// The name of that folder: equal for two retrievers that find the same. Throws Error for wrong options.
std::string index_key(const registry::Registry& registry, const std::string& plugin, const Value& options, std::span<const Passage> corpus);

}  // namespace temper::retrieval
