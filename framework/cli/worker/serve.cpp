// Runs trials as the coordinator sends them: JSON lines in, JSON lines out.
//
//   {"command": "device"}                                    -> {"device": "cpu", "gpus": 0}
//   {"command": "strategy", "plugin", "options"}             -> {"needs": {...}, "cannot": {TASK: why}}, or {"problem": {"what", "remedy"}}
//   {"command": "size", "trial": {...}, "threads"}           -> {"size": {...}} (study/trial_size.h), or {"unknown": why}
//   {"command": "speed", "bf16", "threads"}                  -> {"rate": 1.2e11}, operations per second of matrix products
//   {"command": "check", "trial": {...}}                     -> {"problems": [{"what", "remedy"}]}
//   {"command": "run", "threads", "shares_model", "trials": [{"trial": {...}, "folder", "base", "attempt", "hands_over"}]}   one after another, with an answer for each as it ends:
//                                                            -> {"trial": 3, "status": "complete"}, or "failed" with "error"; with "unsound" this process should
//                                                               run no other trial. Before that, a few times a second,
//                                                               {"live": {"step": 40, "steps": 189}} or {"live": {"answered": 320}}; {"live": {}}: it evaluates
//   {"command": "stop"}                                      no answer: the running trial ends as "interrupted", and so does the rest
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iostream>
#include <mutex>
#include <new>
#include <thread>

#include <temper/error.h>

#include "cli/worker/crash_handler.h"
#include "cli/worker/worker_verb.h"
#include "launch/machine.h"
#include "record/trial_record.h"
#include "registry/exception_text.h"
#include "registry/registry.h"
#include "study/measure_size.h"
#include "study/run_trial.h"
#include "study/strategy_needs.h"
#include "study/trial_inputs.h"
#include "study/trial_model.h"

namespace temper::cli {

namespace {

// Commands as they arrive. When the coordinator is gone, so is this process, whatever it does.
class Inbox {
 public:
  Inbox() : reader_([this] { read(); }) {}

  Value next() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !messages_.empty(); });
    Value message = std::move(messages_.front());
    messages_.pop_front();
    stop_ = false;
    return message;
  }
  bool stop_requested() const { return stop_; }

 private:
  void read() {
    for (std::string line; std::getline(std::cin, line);) {
      Value message = parse_json(line);
      const Value* command = message.find("command");
      if (command && command->as_string() == "stop") {
        stop_ = true;
        continue;
      }
      const std::lock_guard lock(mutex_);
      messages_.push_back(std::move(message));
      arrived_.notify_one();
    }
    ::_exit(0);
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Value> messages_;
  std::atomic<bool> stop_ = false;
  std::jthread reader_;
};

// Standard output belongs to the protocol; what plugins print goes where standard error goes.
int take_standard_output() {
  const int protocol = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  return protocol;
}

void answer(int protocol, const Value& message) {
  const std::string line = to_json(message) + '\n';
  for (std::size_t written = 0; written < line.size();) {
    const ssize_t count = ::write(protocol, line.data() + written, line.size() - written);
    if (count <= 0) ::_exit(1);
    written += static_cast<std::size_t>(count);
  }
}

// What is only for show is left out rather than waited for: a coordinator that does not read must not hold the trial up.
void answer_if_read(int protocol, const Value& message) {
  pollfd output{protocol, POLLOUT, 0};
  if (::poll(&output, 1, 0) == 1 && (output.revents & POLLOUT)) answer(protocol, message);
}

void send_output_to(const std::filesystem::path& log) {
  const int descriptor = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) return;  // the trial matters more than its log
  std::cout.flush();
  ::dup2(descriptor, STDOUT_FILENO);
  ::dup2(descriptor, STDERR_FILENO);
  ::close(descriptor);
}

class Server {
 public:
  explicit Server(int protocol) : protocol_(protocol) {}

  void serve() {
    while (true) handle(inbox_.next());
  }

 private:
  void handle(const Value& message) {
    const std::string command = message.find("command")->as_string();
    if (command == "device")
      return answer(protocol_, Value(Value::Table{{"device", Value(study::find_device("auto").str())}, {"gpus", Value(static_cast<std::int64_t>(at::globalContext().hasCUDA() ? at::getNumGPUs() : 0))}}));
    if (command == "strategy") return answer(protocol_, describe_strategy(message));
    if (command == "check") return answer(protocol_, check(study::trial_from_value(*message.find("trial"))));
    if (command == "size") return answer(protocol_, size(message));
    if (command == "speed") {
      const double rate = study::product_rate(message.find("bf16")->as_bool(), static_cast<int>(message.find("threads")->as_integer()));
      return answer(protocol_, Value(Value::Table{{"rate", rate}}));
    }
    if (command == "run") return run(message);
    throw Error("temper-worker knows no command \"" + command + "\"");
  }

  Value describe_strategy(const Value& message) {
    try {
      return study::describe_needs(*registry_.create<Strategy>(message.find("plugin")->as_string(), *message.find("options")));
    } catch (const Error& error) {
      const Problem& first = error.problems().front();
      return Value::Table{{"problem", Value::Table{{"what", describe({first.place, first.what, ""})}, {"remedy", first.remedy}}}};
    } catch (const std::exception& error) {
      return Value::Table{{"problem", Value::Table{{"what", registry::exception_text(error)}, {"remedy", ""}}}};
    }
  }

  Value size(const Value& message) {
    std::string why;
    try {
      const study::MeasuredSize measured = study::measure_size(study::trial_from_value(*message.find("trial")), inputs_, registry_, static_cast<int>(message.find("threads")->as_integer()));
      if (measured.size) return Value::Table{{"size", study::to_value(*measured.size)}};
      why = measured.why;
    } catch (const std::exception& error) {
      why = registry::exception_text(error);
    }
    return Value::Table{{"unknown", why}};
  }

  Value check(const study::Trial& trial) {
    Value::Array problems;
    try {
      const Task task = task_from_string(trial.options.find("task")->as_string());
      const auto splits = inputs_.splits(trial.table("dataset"), task);
      study::find_device(trial.options.find("device")->as_string());
      const TaskInfo info{task, study::task_labels(trial.table("model"), splits->labels)};
      const study::TrialModel model = study::open_trial_model(registry_, trial, study::own_model_place(trial), info, at::kCPU, nn::head_kind(task));
      if (task == Task::kGeneration && !trial.reads("training")) return Value(Value::Table{{"problems", Value(Value::Array())}});  // prompts are read as they come
      // Whether tokenizer and model fit shows when the items are tokenized; the first trial finds them ready.
      const int threads = static_cast<int>(launch::usable_cores());
      study::encode_split(inputs_, trial, info, model, *splits->train, "train", data::EncodeFor::kTraining, threads);
      if (splits->validation) study::encode_split(inputs_, trial, info, model, *splits->validation, "validation", data::EncodeFor::kAnswers, threads);
    } catch (const Error& error) {
      for (const Problem& problem : error.problems()) {
        problems.emplace_back(Value::Table{{"what", Value(describe({problem.place, problem.what, ""}))}, {"remedy", Value(problem.remedy)}});
      }
    } catch (const std::exception& error) {  // torch's, or no memory
      problems.emplace_back(Value::Table{{"what", Value(registry::exception_text(error))}, {"remedy", Value("")}});
    }
    return Value(Value::Table{{"problems", Value(std::move(problems))}});
  }

  void run(const Value& message) {
    std::vector<std::string> begun;
    const bool shares_model = message.find("shares_model")->as_bool();
    const Value::Array& entries = message.find("trials")->as_array();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const Value& entry = entries[i];
      study::TrialRun run;
      run.trial = study::trial_from_value(*entry.find("trial"));
      run.folder = entry.find("folder")->as_string();
      if (const Value* base = entry.find("base")) run.base = base->as_string();
      if (entry.find("hands_over")->as_bool()) run.heir = study::Heir{study::trial_from_value(*entries.at(i + 1).find("trial")), entries.at(i + 1).find("folder")->as_string()};
      if (shares_model) run.job = begun;
      run.threads = static_cast<int>(message.find("threads")->as_integer());
      run.attempt = entry.find("attempt")->as_integer();
      run.live = [this](const study::LiveProgress& live) {
        Value told = live.steps > 0 ? Value(Value::Table{{"step", live.step}, {"steps", live.steps}}) : Value(Value::Table{{"answered", live.answered}});
        answer_if_read(protocol_, Value(Value::Table{{"live", std::move(told)}}));
      };
      run.alive = [this] { tell_alive(); };
      run.stop = [this] { return inbox_.stop_requested(); };
      Value ended = inbox_.stop_requested() ? Value(Value::Table{{"status", study::kInterrupted}}) : this->run(run);
      ended.set("trial", run.trial.number);
      answer(protocol_, ended);
      begun.push_back(record::trial_name(run.trial.number));
    }
  }

  Value run(const study::TrialRun& run) {
    send_output_to(run.folder / "log.txt");
    std::string problem;
    bool is_unsound = true;  // what was thrown from anywhere may have left anything behind
    try {
      const study::TrialOutcome outcome = study::run_trial(run, inputs_, registry_);
      return Value::Table{{"status", outcome.status}, {"shared_steps", outcome.shared_steps}};
    } catch (const Error& error) {
      problem = error.what();
      is_unsound = false;
    } catch (const std::bad_alloc& error) {
      problem = std::string("out of memory: an allocation was refused (") + error.what() + ")";
    } catch (const std::exception& error) {
      problem = registry::exception_text(error);
      if (problem != error.what()) std::cerr << error.what() << '\n';  // for the log: where it was thrown
    } catch (...) {
      problem = "a plugin threw something that is no exception of C++'s library";
    }
    std::cerr << problem << std::endl;
    Value failed = Value::Table{{"status", Value("failed")}, {"error", Value(problem)}};
    if (is_unsound) failed.set("unsound", true);
    return failed;
  }

  void tell_alive() {
    const auto now = std::chrono::steady_clock::now();
    if (now - told_alive_ < std::chrono::milliseconds(500)) return;
    told_alive_ = now;
    answer_if_read(protocol_, Value(Value::Table{{"live", Value(Value::Table())}}));
  }

  int protocol_;
  std::chrono::steady_clock::time_point told_alive_{};
  Inbox inbox_;
  const registry::Registry& registry_ = registry::installed();
  study::TrialInputs inputs_{registry_};
};

}  // namespace

int serve(const std::vector<std::string>&) {
  ::signal(SIGINT, SIG_IGN);  // Ctrl-C reaches the whole process group; the coordinator decides what it means
  ::signal(SIGTERM, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  write_backtrace_on_death();
  Server server(take_standard_output());
  server.serve();
  return 0;
}

}  // namespace temper::cli
