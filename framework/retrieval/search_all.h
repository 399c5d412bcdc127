// Many queries at once.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <temper/retriever.h>

namespace temper::retrieval {

// The hits of each query, in their order, whatever the number of threads. An exception of the retriever's is thrown here.
std::vector<std::vector<Hit>> search_all(const Retriever& retriever, std::span<const Passage> queries, std::size_t k, std::size_t threads);

}  // namespace temper::retrieval
