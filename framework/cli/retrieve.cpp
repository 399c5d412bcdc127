// temper retrieve: ranks a corpus's passages for each query, and scores the rankings where judgements are given.
#include <algorithm>
#include <iostream>
#include <thread>

#include <temper/error.h>

#include "cli/command_line.h"
#include "cli/verb.h"
#include "registry/registry.h"
#include "retrieval/index_cache.h"
#include "retrieval/passages.h"
#include "retrieval/ranking_quality.h"
#include "retrieval/search_all.h"
#include "retrieval/trec_run.h"
#include "study/document.h"

namespace temper::cli {

namespace {

// `--set k1=1.2` as a table of the plugin's options.
Value options_from(const std::vector<std::string>& sets) {
  Problems problems;
  Value options = study::read_document({}, {}, sets, problems);
  problems.throw_if_any();
  if (options.is_null()) options = Value(Value::Table());
  return options;
}

std::size_t at_least_one(const char* name, std::int64_t number) {
  if (number < 1) throw Error("temper retrieve: " + std::string(name) + " is " + std::to_string(number) + ", it must be at least 1");
  return static_cast<std::size_t>(number);
}

}  // namespace

int retrieve(const std::vector<std::string>& arguments) {
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
  if (!line.parse(arguments)) return kDone;
  for (const auto& [name, value] : {std::pair("--corpus", &corpus_file), {"--queries", &queries_file}, {"--retriever", &plugin}}) {
    if (value->empty()) throw Error("temper retrieve: " + std::string(name) + " is missing", "see: temper retrieve --help");
  }
  const std::size_t k = at_least_one("-k", wanted.value_or(10));
  const std::size_t threads = at_least_one("--threads", wanted_threads.value_or(std::max(1u, std::thread::hardware_concurrency())));
  const Value options = options_from(sets);
  const registry::Registry registry(registry::plugin_folders(), {.first_load = registry::FirstLoad::kInChild, .worker = {}, .cache = {}});
  registry.find("retriever", plugin);  // a wrong name is told before large files are read

  const std::vector<Passage> queries = retrieval::read_passages(queries_file, "the file of queries");
  const std::optional<retrieval::Qrels> qrels = qrels_file.empty() ? std::nullopt : std::optional(retrieval::read_qrels(qrels_file));
  const std::vector<Passage> corpus = retrieval::read_passages(corpus_file, "the corpus");
  const auto indexed = retrieval::indexed_retriever(registry, plugin, options, corpus, no_cache ? std::filesystem::path() : retrieval::default_index_cache());
  const auto hits = retrieval::search_all(*indexed.retriever, queries, k, threads);
  if (qrels) std::cout << to_json(retrieval::to_value(retrieval::score_rankings(queries, corpus, hits, *qrels, k))) << '\n';
  else retrieval::write_trec_run(std::cout, queries, corpus, hits, plugin);
  return kDone;
}

}  // namespace temper::cli
