// Rankings as TREC run lines, which trec_eval, ir_measures and pytrec_eval read.
#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include <temper/retriever.h>

namespace temper::retrieval {

// "QUERY Q0 PASSAGE RANK SCORE TAG" a line, ranks from 1, scores so that they read back exactly. Nothing for a query that finds nothing.
// Readers that sort by score break ties by name, where we keep the order of the corpus. Throws Error, before anything is written, for
// an id or tag that holds a blank: the format has no way to write it.
void write_trec_run(std::ostream& out, std::span<const Passage> queries, std::span<const Passage> corpus,
                    const std::vector<std::vector<Hit>>& hits, const std::string& tag);

}  // namespace temper::retrieval
