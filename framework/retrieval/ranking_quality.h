// How good rankings are: recall@k, MRR@k and nDCG@k against judgements.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <temper/retriever.h>
#include <temper/value.h>

#include "retrieval/qrels.h"

namespace temper::retrieval {

// For one query; rel(i) is the judged relevance of the passage at rank i, 0 where it is not judged or below 0.
//   recall = relevant passages among the first k / all that are judged relevant (Manning, Raghavan, Schuetze 2008, section 8.4)
//   mrr    = 1 / rank of the first relevant passage among the first k, 0 without one (Voorhees, TREC-8, 1999, section 3)
//   ndcg   = sum of rel(i) / log2(i + 1) over the first k / the largest that any ranking reaches (Jaervelin and Kekaelaeinen 2002, with
//            the discount of trec_eval's ndcg_cut: log2(i + 1), gains not exponential)
struct RankingQuality {
  double recall = 0, mrr = 0, ndcg = 0;
};

// `ranking` holds ids, the best first, each once. At least one passage must be judged relevant, else all three are NaN.
RankingQuality ranking_quality(std::span<const std::string> ranking, const Judgements& judgements, std::size_t k);

struct RankingValue {
  std::string name;           // "recall@10"
  double value = 0;           // the mean over queries
  double standard_error = 0;  // sample deviation / sqrt(items); NaN for fewer than two
  std::size_t items = 0;
};

// Over the queries that have a passage judged relevant; the others, and judgements of queries that are not asked, take no part. A
// relevant passage that the corpus lacks counts as not found. Throws Error when no query takes part.
std::vector<RankingValue> score_rankings(std::span<const Passage> queries, std::span<const Passage> corpus,
                                         const std::vector<std::vector<Hit>>& hits, const Qrels& qrels, std::size_t k);

// {"recall@10": {"value", "stderr", "items", "better"}, ...}; null where a number is undefined.
Value to_value(const std::vector<RankingValue>& values);

}  // namespace temper::retrieval
