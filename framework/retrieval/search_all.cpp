// search_all: threads take the next few queries until there are none.
#include "retrieval/search_all.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <temper/error.h>

namespace temper::retrieval {

std::vector<std::vector<Hit>> search_all(const Retriever& retriever, std::span<const Passage> queries, std::size_t k, std::size_t threads) {
  // A few at a time, so that threads end together; many, so that a retriever that reads many at once can.
  const std::size_t taken = std::clamp<std::size_t>(queries.size() / (4 * std::max<std::size_t>(1, threads)), 16, 256);
  std::vector<std::vector<Hit>> hits(queries.size());
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (std::size_t first; (first = next.fetch_add(taken)) < queries.size();) {
        const std::size_t end = std::min(first + taken, queries.size());
        std::vector<std::string_view> texts;
        for (std::size_t i = first; i < end; ++i) texts.push_back(queries[i].text);
        std::vector<std::vector<Hit>> found = retriever.search_batch(texts, k);
        if (found.size() != texts.size()) throw Error("the retriever answered " + std::to_string(found.size()) + " of " + std::to_string(texts.size()) + " queries");
        std::move(found.begin(), found.end(), hits.begin() + static_cast<std::ptrdiff_t>(first));
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = queries.size();
    }
  };
  {
    std::vector<std::jthread> others;
    const std::size_t useful = std::min(threads, (queries.size() + taken - 1) / taken);
    for (std::size_t i = 1; i < useful; ++i) others.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  return hits;
}

}  // namespace temper::retrieval
