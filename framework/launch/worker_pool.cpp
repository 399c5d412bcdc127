// Hands trials to worker processes and notices how each of them ends.
#include "launch/worker_pool.h"

#include <poll.h>

#include <cstdlib>
#include <deque>
#include <fstream>

namespace temper::launch {

struct WorkerPool::Slot {
  std::unique_ptr<WorkerProcess> process;
  std::deque<Assignment> job;  // what is left of it; the first one runs
  std::optional<record::EventReader> events;
  int number = 0;
};

std::filesystem::path worker_program() { return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "temper-worker"; }

std::map<std::string, std::string> worker_environment() {
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT")) return {};
  return {{"OMP_WAIT_POLICY", "passive"}, {"GOMP_SPINCOUNT", "10000"}};
}

std::string tail(const std::filesystem::path& file, int lines) {
  std::ifstream in(file);
  std::deque<std::string> last;
  for (std::string line; std::getline(in, line);) {
    last.push_back(line);
    if (last.size() > static_cast<std::size_t>(lines)) last.pop_front();
  }
  std::string text;
  for (const std::string& line : last) text += (text.empty() ? "" : "\n") + line;
  return text;
}

WorkerPool::WorkerPool(std::filesystem::path program, std::int64_t size, const std::atomic<int>& stop) : program_(std::move(program)), stop_(stop) {
  for (std::int64_t i = 0; i < size; ++i) slots_.push_back(std::make_unique<Slot>());
}

WorkerPool::~WorkerPool() = default;

WorkerPool::Slot& WorkerPool::ready_slot() {
  Slot* chosen = nullptr;
  for (const auto& slot : slots_) {
    if (slot->job.empty() && (!chosen || (slot->process && !chosen->process))) chosen = slot.get();
  }
  if (!chosen) throw Error("no worker is free");
  if (chosen->process && chosen->process->ended()) chosen->process.reset();
  if (!chosen->process) chosen->process = std::make_unique<WorkerProcess>(program_, std::vector<std::string>{"serve"}, worker_environment(), "");
  return *chosen;
}

Value WorkerPool::ask(const Value& question, const std::string& doing) {
  WorkerProcess& process = *ready_slot().process;
  process.send(question);
  while (!process.ended()) {
    if (auto answer = process.receive(0.2)) return *answer;
    if (stop_ > 0) throw Stopped{};
  }
  throw Error("temper-worker " + process.wait(1) + " while " + doing);
}

bool WorkerPool::has_idle() const { return running() < slots_.size(); }

std::size_t WorkerPool::running() const {
  std::size_t count = 0;
  for (const auto& slot : slots_) count += slot->job.empty() ? 0 : 1;
  return count;
}

void WorkerPool::start(std::vector<Assignment> job, int threads) {
  Slot& slot = ready_slot();
  Value message{Value::Table{}};
  message.set("command", "run");
  message.set("threads", threads);
  message.set("shares_model", !job.front().trial.sharing_key.empty());
  Value::Array trials;
  for (std::size_t i = 0; i < job.size(); ++i) {
    const Assignment& assignment = job[i];
    Value trial = Value::Table{{"trial", study::to_value(assignment.trial)}, {"folder", assignment.folder.string()}};
    if (!assignment.base.empty()) trial.set("base", assignment.base.string());
    const std::string& key = assignment.trial.steps_key;
    trial.set("hands_over", i + 1 < job.size() && !key.empty() && key == job[i + 1].trial.steps_key);
    trials.push_back(std::move(trial));
  }
  message.set("trials", std::move(trials));
  slot.events.emplace(job.front().folder / "events.jsonl");
  slot.job.assign(std::make_move_iterator(job.begin()), std::make_move_iterator(job.end()));
  slot.process->send(message);  // a worker that died meanwhile is noticed by `wait`
}

// What is there of an answer to the running trial; what it says before that is passed on.
std::optional<Value> WorkerPool::receive_answer(Slot& slot) {
  while (std::optional<Value> message = slot.process->receive(0)) {
    const Value* live = message->find("live");
    if (!live) return message;
    const auto number = [&](const char* name) {
      const Value* member = live->find(name);
      return member && member->is_integer() ? member->as_integer() : 0;
    };
    if (on_live_) on_live_(slot.job.front().trial, {number("step"), number("steps"), number("answered")});
  }
  return std::nullopt;
}

void WorkerPool::look(Slot& slot, const std::function<void(const study::Trial&, const record::Event&)>& on_event, std::vector<Ended>& all) {
  while (!slot.job.empty()) {
    const Assignment& assignment = slot.job.front();
    const std::optional<Value> answer = receive_answer(slot);
    try {
      for (const record::Event& event : slot.events->poll()) on_event(assignment.trial, event);
    } catch (const Error&) {
      // The worker is about to replace or cut the file; what it holds at the end is checked when the trial is recorded.
    }
    if (!answer && !slot.process->ended()) return;
    Ended ended{assignment.trial, "failed", "", 0, {}};
    if (answer) {
      if (const Value* status = answer->find("status")) ended.status = status->as_string();
      if (const Value* steps = answer->find("shared_steps")) ended.shared_steps = steps->as_integer();
      if (const Value* error = answer->find("error")) ended.error = error->as_string();
      slot.job.pop_front();
      if (slot.job.empty()) slot.events.reset();
      else slot.events.emplace(slot.job.front().folder / "events.jsonl");
    } else {
      ended.error = "the worker " + slot.process->wait(1);
      const std::string lines = tail(assignment.folder / "log.txt", 20);
      if (!lines.empty()) ended.error += "; the last lines of its log:\n" + lines;
      slot.process.reset();
      slot.job.pop_front();
      for (Assignment& rest : slot.job) ended.not_begun.push_back(std::move(rest.trial));
      slot.job.clear();
      slot.events.reset();
    }
    all.push_back(std::move(ended));
  }
}

std::vector<Ended> WorkerPool::wait(double timeout_seconds, const std::function<void(const study::Trial&, const record::Event&)>& on_event) {
  std::vector<pollfd> outputs;
  for (const auto& slot : slots_) {
    if (!slot->job.empty()) outputs.push_back({slot->process->output(), POLLIN, 0});
  }
  ::poll(outputs.data(), outputs.size(), static_cast<int>(timeout_seconds * 1000));
  std::vector<Ended> all;
  for (const auto& slot : slots_) {
    if (slot->job.empty()) continue;
    look(*slot, on_event, all);
  }
  return all;
}

void WorkerPool::request_stop() {
  for (const auto& slot : slots_) {
    if (!slot->job.empty()) slot->process->send(Value(Value::Table{{"command", Value("stop")}}));
  }
}

void WorkerPool::kill_all() {
  for (const auto& slot : slots_) {
    if (slot->process) slot->process->kill();
  }
}

}  // namespace temper::launch
