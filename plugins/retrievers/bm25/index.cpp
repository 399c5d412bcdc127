// The inverted index, its file, and the selection of the best.
#include "index.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>

#include <temper/error.h>
#include <temper/mapped_file.h>

namespace temper::bm25 {

namespace {

// The file: this mark, the numbers of passages, words and postings, the postings' begins (words + 1), the postings, and the words
// in their order, each with its length. Numbers are as this machine keeps them: the file is a cache and travels with its program.
constexpr char kMark[8] = {'b', 'm', '2', '5', '-', 'i', 'x', '1'};

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) { throw Error({{{file.string()}, what, "remove it, it can be made anew"}}); }

class Reader {
 public:
  Reader(const std::filesystem::path& file, std::string_view bytes) : file_(file), bytes_(bytes) {}

  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size()) fail(file_, "ends too early for an index of bm25");
    const std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  template <class T>
  std::vector<T> numbers(std::uint64_t count) {
    if (count > bytes_.size() / sizeof(T)) fail(file_, "ends too early for an index of bm25");
    std::vector<T> values(count);
    const std::string_view part = take(count * sizeof(T));
    if (!part.empty()) std::memcpy(values.data(), part.data(), part.size());
    return values;
  }
  bool at_end() const { return bytes_.empty(); }

 private:
  const std::filesystem::path& file_;
  std::string_view bytes_;
};

// Higher score first, then the earlier passage.
bool is_better(const Hit& a, const Hit& b) { return a.score != b.score ? a.score > b.score : a.passage < b.passage; }

}  // namespace

std::uint32_t Index::word(std::string_view text) {
  if (const auto known = words_.find(text); known != words_.end()) return known->second;
  return words_.emplace(std::string(text), static_cast<std::uint32_t>(words_.size())).first->second;
}

const std::uint32_t* Index::find(std::string_view text) const {
  const auto known = words_.find(text);
  return known == words_.end() ? nullptr : &known->second;
}

void Index::set_postings(std::vector<std::uint64_t> begins, std::vector<Posting> postings) {
  begins_ = std::move(begins);
  postings_ = std::move(postings);
}

void Index::save(const std::filesystem::path& file) const {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  const auto put = [&](const auto& value) { out.write(reinterpret_cast<const char*>(&value), sizeof value); };
  const auto put_all = [&](const auto& values) { out.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof values[0])); };
  std::vector<std::string_view> words(words_.size());
  for (const auto& [text, number] : words_) words[number] = text;
  put(kMark);
  put(static_cast<std::uint64_t>(passages_));
  put(static_cast<std::uint64_t>(words.size()));
  put(static_cast<std::uint64_t>(postings_.size()));
  put_all(begins_);
  put_all(postings_);
  for (const std::string_view text : words) {
    put(static_cast<std::uint32_t>(text.size()));
    put_all(text);
  }
  out.close();
  if (!out) fail(file, "cannot be written");
}

Index Index::load(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  Reader reader(file, mapped.bytes());
  if (reader.take(sizeof kMark) != std::string_view(kMark, sizeof kMark)) fail(file, "is no index of bm25");
  const auto passages = reader.number<std::uint64_t>(), words = reader.number<std::uint64_t>(), postings = reader.number<std::uint64_t>();
  if (passages > UINT32_MAX || words > UINT32_MAX) fail(file, "is damaged: it states more passages or words than bm25 can hold");
  Index index;
  index.passages_ = static_cast<std::int64_t>(passages);
  index.begins_ = reader.numbers<std::uint64_t>(words + 1);
  index.postings_ = reader.numbers<Posting>(postings);
  if (index.begins_.front() != 0 || index.begins_.back() != postings || !std::ranges::is_sorted(index.begins_)) fail(file, "is damaged: its postings do not fit");
  for (const Posting& posting : index.postings_) {
    if (posting.passage >= passages || !(posting.impact > 0) || !std::isfinite(posting.impact)) fail(file, "is damaged: a posting is impossible");
  }
  for (std::uint64_t i = 0; i < words; ++i) {
    if (index.word(reader.take(reader.number<std::uint32_t>())) != i) fail(file, "is damaged: a word stands twice");
  }
  if (!reader.at_end()) fail(file, "is damaged: it is longer than it states");
  return index;
}

std::vector<Hit> highest(std::span<const float> scores, std::size_t k) {
  std::vector<Hit> best;  // a heap whose front is the worst of the best
  if (k == 0) return best;
  float least = 0;        // what a score must exceed; an equal one of a later passage loses
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!(scores[i] > least)) continue;
    if (best.size() == k) {
      std::ranges::pop_heap(best, is_better);
      best.pop_back();
    }
    best.push_back({static_cast<std::int64_t>(i), scores[i]});
    std::ranges::push_heap(best, is_better);
    if (best.size() == k) least = best.front().score;
  }
  std::ranges::sort_heap(best, is_better);
  return best;
}

}  // namespace temper::bm25
