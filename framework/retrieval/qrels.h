// Relevance judgements: which passages answer a query, and how well.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>

namespace temper::retrieval {

// By query, then by passage. 0 and below: not relevant. Above: relevant, more is better.
using Judgements = std::unordered_map<std::string, int>;
using Qrels = std::unordered_map<std::string, Judgements>;

// TREC's four columns (query, iteration, passage, relevance), or three (query, passage, relevance), where a first line of names
// ("query-id corpus-id score") is skipped. Columns stand apart by blanks or tabs; where the file has tabs, ids may hold blanks.
// Throws Error with every bad line (the first twenty are named): another number of columns, a relevance that is no integer, a pair judged twice.
Qrels read_qrels(const std::filesystem::path& file);

}  // namespace temper::retrieval
