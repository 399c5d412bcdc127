// The inverted index of bm25: for each word the passages that hold it, with what it adds to their score.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <temper/retriever.h>

namespace temper::bm25 {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class T> using WordMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

// Everything that does not depend on the query is multiplied out beforehand, so a search only adds numbers up.
class Index {
 public:
  struct Posting {
    std::uint32_t passage;
    float impact;  // above 0
  };

  void add_passage() { ++passages_; }
  std::int64_t passages() const { return passages_; }
  // The number of a word that is given for the first time is the number of words so far.
  std::uint32_t word(std::string_view text);
  // nullptr: the word is in no passage.
  const std::uint32_t* find(std::string_view text) const;
  std::size_t words() const { return words_.size(); }
  // Postings per word, in the order of the passages.
  void set_postings(std::vector<std::uint64_t> begins, std::vector<Posting> postings);
  std::span<const Posting> postings(std::uint32_t word) const { return {postings_.data() + begins_[word], postings_.data() + begins_[word + 1]}; }

  void save(const std::filesystem::path& file) const;
  // Throws Error when anything in the file does not fit.
  static Index load(const std::filesystem::path& file);

 private:
  std::int64_t passages_ = 0;
  WordMap<std::uint32_t> words_;
  std::vector<std::uint64_t> begins_;  // words + 1
  std::vector<Posting> postings_;
};

// The k highest of `scores` that are above 0, the highest first, ties in the order of the passages.
std::vector<Hit> highest(std::span<const float> scores, std::size_t k);

}  // namespace temper::bm25
