// write_trec_run.
#include "retrieval/trec_run.h"

#include <array>
#include <charconv>
#include <ostream>

#include <temper/error.h>

namespace temper::retrieval {

namespace {

void check_name(const std::string& what, const std::string& name) {
  if (name.find_first_of(" \t\r\n\v\f") == std::string::npos) return;
  throw Error("the " + what + " id \"" + name + "\" holds a blank, which TREC run lines cannot", "rename it, or give --qrels, which prints no ids");
}

}  // namespace

void write_trec_run(std::ostream& out, std::span<const Passage> queries, std::span<const Passage> corpus,
                    const std::vector<std::vector<Hit>>& hits, const std::string& tag) {
  for (const Passage& query : queries) check_name("query", query.id);
  for (const Passage& passage : corpus) check_name("passage", passage.id);
  std::string lines;
  for (std::size_t q = 0; q < queries.size(); ++q) {
    for (std::size_t i = 0; i < hits[q].size(); ++i) {
      std::array<char, 32> score;
      const char* end = std::to_chars(score.data(), score.data() + score.size(), hits[q][i].score).ptr;
      lines += queries[q].id + " Q0 " + corpus[static_cast<std::size_t>(hits[q][i].passage)].id + ' ' + std::to_string(i + 1) + ' ';
      lines.append(std::string_view(score.data(), end));
      lines += ' ' + tag + '\n';
    }
    out << lines;
    lines.clear();
  }
}

}  // namespace temper::retrieval
