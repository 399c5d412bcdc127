// search_all: threads take the next few queries until there are none.
#include "retrieval/search_all.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

namespace temper::retrieval {

std::vector<std::vector<Hit>> search_all(const Retriever& retriever, std::span<const Passage> queries, std::size_t k, std::size_t threads) {
  constexpr std::size_t kTaken = 16;  // enough that the counter costs nothing, few enough that threads end together
  std::vector<std::vector<Hit>> hits(queries.size());
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (std::size_t first; (first = next.fetch_add(kTaken)) < queries.size();) {
        const std::size_t end = std::min(first + kTaken, queries.size());
        for (std::size_t i = first; i < end; ++i) hits[i] = retriever.search(queries[i].text, k);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = queries.size();
    }
  };
  {
    std::vector<std::jthread> others;
    const std::size_t useful = std::min(threads, (queries.size() + kTaken - 1) / kTaken);
    for (std::size_t i = 1; i < useful; ++i) others.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  return hits;
}

}  // namespace temper::retrieval
