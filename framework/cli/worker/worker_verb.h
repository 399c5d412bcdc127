// The table of what temper-worker does.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace temper::cli {

struct WorkerVerb {
  const char* name;
  int (*run)(const std::vector<std::string>& arguments);
};

int serve(const std::vector<std::string>& arguments);            // runs trials as the coordinator sends them
int predict_lines(const std::vector<std::string>& arguments);    // temper predict
int score_lines(const std::vector<std::string>& arguments);      // temper score
int merge_model(const std::vector<std::string>& arguments);      // temper export --merge
int retrieve_dense(const std::vector<std::string>& arguments);   // temper retrieve, by a retriever that uses torch

std::span<const WorkerVerb> worker_verbs();

}  // namespace temper::cli
