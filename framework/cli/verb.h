// The table of verbs: one file each, and all that main knows of them.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace temper::cli {

// Exit statuses of `temper`.
enum ExitStatus { kDone = 0, kSomeFailed = 1, kWrongInput = 2, kInterrupted = 130 };

struct Verb {
  const char* name;
  const char* summary;
  int (*run)(const std::vector<std::string>& arguments);
};

int run_experiment(const std::vector<std::string>& arguments);
int plan_experiment(const std::vector<std::string>& arguments);
int verify(const std::vector<std::string>& arguments);
int report_study(const std::vector<std::string>& arguments);
int list_plugins(const std::vector<std::string>& arguments);
int score(const std::vector<std::string>& arguments);
int predict(const std::vector<std::string>& arguments);
int export_model(const std::vector<std::string>& arguments);
int tokenize(const std::vector<std::string>& arguments);
int evaluate(const std::vector<std::string>& arguments);
int retrieve(const std::vector<std::string>& arguments);
int make_new(const std::vector<std::string>& arguments);

std::span<const Verb> verbs();

}  // namespace temper::cli
