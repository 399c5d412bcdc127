// Reads a corpus and queries, ranks the corpus's passages for each query, and scores the rankings where judgements are given.
#include "cli/retrieve_passages.h"

#include <algorithm>
#include <iostream>
#include <thread>

#include <temper/error.h>
#include <temper/passages.h>

#include "cli/command_line.h"
#include "registry/registry.h"
#include "retrieval/index_cache.h"
#include "retrieval/ranking_quality.h"
#include "retrieval/search_all.h"
#include "retrieval/trec_run.h"
#include "study/document.h"

namespace temper::cli {

namespace {

// A value that is no TOML is text: `--set checkpoint=models/minilm` means what it looks like.
std::string quoted_where_needed(const std::string& set) {
  const std::size_t equals = set.find('=');
  if (equals == std::string::npos) return set;
  try {
    parse_toml("value = " + set.substr(equals + 1));
    return set;
  } catch (const Error&) {
    return set.substr(0, equals + 1) + to_toml(Value(set.substr(equals + 1)));
  }
}

// `--set k1=1.2` as a table of the plugin's options.
Value options_from(const std::vector<std::string>& sets) {
  if (sets.empty()) return Value(Value::Table());
  Problems problems;
  std::vector<std::string> whole;
  for (const std::string& set : sets) whole.push_back(quoted_where_needed(set));
  Value options = study::read_document({}, {}, whole, problems);
  problems.throw_if_any();
  if (options.is_null()) options = Value(Value::Table());
  return options;
}

std::size_t at_least_one(const char* name, std::int64_t number) {
  if (number < 1) throw Error("temper retrieve: " + std::string(name) + " is " + std::to_string(number) + ", it must be at least 1");
  return static_cast<std::size_t>(number);
}

}  // namespace

std::optional<RetrieveRequest> read_retrieve_request(const std::vector<std::string>& arguments) {
  std::string corpus_file, queries_file, plugin, qrels_file;
  std::vector<std::string> sets;
  std::optional<std::int64_t> wanted, wanted_threads;
  bool no_cache = false;
  CommandLine line("retrieve", "Ranks the passages of a corpus for each query: TREC run lines, or with --qrels one JSON object of recall, MRR and nDCG.");
  line.option("corpus", corpus_file, "FILE", "JSON lines {\"id\", \"text\"}")
      .option("queries", queries_file, "FILE", "JSON lines {\"id\", \"text\"}")
      .option("retriever", plugin, "NAME", "a retriever plugin, such as bm25")
      .option("qrels", qrels_file, "FILE", "judgements: lines \"query 0 passage relevance\"")
      .option("k,k", wanted, "N", "passages per query; default: 10")
      .list("set", sets, "OPTION=VALUE", "an option of the retriever: --set k1=1.2; may be repeated")
      .option("threads", wanted_threads, "N", "queries at a time; default: one per processor")
      .flag("no-cache", no_cache, "neither read nor keep the index on disk");
  if (!line.parse(arguments)) return {};
  for (const auto& [name, value] : {std::pair("--corpus", &corpus_file), {"--queries", &queries_file}, {"--retriever", &plugin}}) {
    if (value->empty()) throw Error("temper retrieve: " + std::string(name) + " is missing", "see: temper retrieve --help");
  }
  RetrieveRequest request{.corpus = corpus_file, .queries = queries_file, .qrels = {}, .retriever = plugin, .options = options_from(sets), .no_cache = no_cache};
  if (!qrels_file.empty()) request.qrels = qrels_file;
  request.k = at_least_one("-k", wanted.value_or(10));
  request.threads = at_least_one("--threads", wanted_threads.value_or(std::max(1u, std::thread::hardware_concurrency())));
  return request;
}

void retrieve_passages(const RetrieveRequest& request, const registry::Registry& registry, std::size_t threads) {
  const std::vector<Passage> queries = read_passages(request.queries, "the file of queries");
  const std::optional<retrieval::Qrels> qrels = request.qrels ? std::optional(retrieval::read_qrels(*request.qrels)) : std::nullopt;
  const std::vector<Passage> corpus = read_passages(request.corpus, "the corpus");
  const std::filesystem::path cache = request.no_cache ? std::filesystem::path() : retrieval::default_index_cache();
  const auto indexed = retrieval::indexed_retriever(registry, request.retriever, request.options, corpus, cache);
  const auto hits = retrieval::search_all(*indexed.retriever, queries, request.k, threads);
  if (qrels) std::cout << to_json(retrieval::to_value(retrieval::score_rankings(queries, corpus, hits, *qrels, request.k))) << '\n';
  else retrieval::write_trec_run(std::cout, queries, corpus, hits, request.retriever);
}

}  // namespace temper::cli
