// Hands trials to worker processes and notices how each of them ends.
#include "launch/worker_pool.h"

#include <poll.h>

#include <chrono>
#include <cstdlib>
#include <deque>
#include <utility>

#include "launch/trial_watch.h"

namespace temper::launch {

struct WorkerPool::Slot {
  WorkerPlace place;
  std::unique_ptr<WorkerProcess> process;
  bool is_used = false;        // the process has run another trial before
  std::deque<Assignment> job;  // what is left of it; the first one runs
  // Of the trial that runs:
  std::optional<record::EventReader> events;
  std::optional<TrialWatch> watch;
  std::chrono::steady_clock::time_point looked;  // when last
  bool gave_sign_of_life = false;                // since then
  std::uintmax_t log_begin = 0, log_size = 0;    // where this attempt's part begins; what was there at the last look
  std::int64_t memory_kills = 0;                 // of the whole machine, before it began
  std::optional<OverLimit> over;                 // it is being ended
  double patience_seconds = 0;                   // until it is ended the hard way
};

namespace {

std::uintmax_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

}  // namespace

std::filesystem::path worker_program() { return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "temper-worker"; }

std::map<std::string, std::string> worker_environment() {
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT")) return {};
  return {{"OMP_WAIT_POLICY", "passive"}, {"GOMP_SPINCOUNT", "10000"}};
}

WorkerPool::WorkerPool(std::filesystem::path program, std::int64_t size, const std::atomic<int>& stop) : program_(std::move(program)), stop_(stop) {
  for (std::int64_t i = 0; i < size; ++i) slots_.push_back(std::make_unique<Slot>());
}

WorkerPool::~WorkerPool() = default;

void WorkerPool::set_places(std::vector<WorkerPlace> places) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i]->place == places.at(i)) continue;
    slots_[i]->place = std::move(places[i]);
    slots_[i]->process.reset();
  }
}

WorkerPool::Slot& WorkerPool::ready_slot() {
  Slot* chosen = nullptr;
  for (const auto& slot : slots_) {
    if (slot->job.empty() && (!chosen || (slot->process && !chosen->process))) chosen = slot.get();
  }
  if (!chosen) throw Error("no worker is free");
  if (chosen->process) chosen->process->receive(0);  // nothing is asked: only whether it has died meanwhile
  if (chosen->process && chosen->process->ended()) chosen->process.reset();
  if (!chosen->process) {
    std::map<std::string, std::string> environment = worker_environment();
    environment.insert(chosen->place.environment.begin(), chosen->place.environment.end());
    chosen->process = std::make_unique<WorkerProcess>(program_, std::vector<std::string>{"serve"}, environment, "", chosen->place.cores);
    chosen->is_used = false;
  }
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
  if (job.front().attempt > 1) {
    for (const auto& idle : slots_)
      if (idle->job.empty() && idle->is_used) idle->process.reset();
  }
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
    trial.set("attempt", assignment.attempt);
    const std::string& key = assignment.trial.steps_key;
    trial.set("hands_over", i + 1 < job.size() && !key.empty() && key == job[i + 1].trial.steps_key);
    trials.push_back(std::move(trial));
  }
  message.set("trials", std::move(trials));
  slot.job.assign(std::make_move_iterator(job.begin()), std::make_move_iterator(job.end()));
  begin_first(slot);
  slot.process->send(message);  // a worker that died meanwhile is noticed by `wait`
}

Ended WorkerPool::run(Assignment assignment, int threads) {
  start({std::move(assignment)}, threads);
  std::vector<Ended> ended;
  while (ended.empty()) {
    if (stop_ > 0) throw Stopped{};
    ended = wait(0.1, [](const study::Trial&, const record::Event&) {});
  }
  return std::move(ended.front());
}

// What is there of an answer to the running trial; what it says before that is passed on.
std::optional<Value> WorkerPool::receive_answer(Slot& slot) {
  while (std::optional<Value> message = slot.process->receive(0)) {
    const Value* live = message->find("live");
    if (!live) return message;
    slot.gave_sign_of_life = true;
    const auto number = [&](const char* name) {
      const Value* member = live->find(name);
      return member && member->is_integer() ? member->as_integer() : 0;
    };
    if (on_live_) on_live_(slot.job.front().trial, {number("step"), number("steps"), number("answered")});
  }
  return std::nullopt;
}

// The first of what is left of the job runs from now on.
void WorkerPool::begin_first(Slot& slot) {
  const std::filesystem::path& folder = slot.job.front().folder;
  slot.events.emplace(folder / "events.jsonl");
  slot.watch.emplace(limits_);
  slot.looked = std::chrono::steady_clock::now();
  slot.gave_sign_of_life = false;
  slot.log_begin = slot.log_size = size_of(folder / "log.txt");
  slot.memory_kills = count_of_memory_kills();
  slot.over.reset();
}

// The worker cannot be used any more: the rest of its job is for another one.
void WorkerPool::end_job(Slot& slot, Ended& ended) {
  slot.process.reset();
  slot.job.pop_front();
  for (Assignment& rest : slot.job) ended.not_begun.push_back(std::move(rest.trial));
  slot.job.clear();
}

Ended WorkerPool::died(Slot& slot) {
  const Assignment& assignment = slot.job.front();
  Ended ended;
  ended.trial = assignment.trial;
  ended.status = record::kFailed;
  ended.died = true;
  ended.attempt = assignment.attempt;
  ended.peak_bytes = slot.watch->peak_bytes();
  ended.used_too_much = slot.over && slot.over->of != OverLimit::Of::kSilence;
  ended.may_fit_alone = slot.over && slot.over->of == OverLimit::Of::kMemory && slot.is_used;
  slot.process->wait(1);
  WorkerDeath death;
  death.wait_status = slot.process->wait_status();
  if (slot.over) death.over_limit = slot.over->what;
  death.memory_ran_out = count_of_memory_kills() > slot.memory_kills;
  death.log = assignment.folder / "log.txt";
  death.log_begin = slot.log_begin;
  ended.error = describe(death);
  end_job(slot, ended);
  return ended;
}

void WorkerPool::look(Slot& slot, const std::function<void(const study::Trial&, const record::Event&)>& on_event, std::vector<Ended>& all) {
  while (!slot.job.empty()) {
    const Assignment& assignment = slot.job.front();
    const std::optional<Value> answer = receive_answer(slot);
    try {
      for (const record::Event& event : slot.events->poll()) {
        slot.gave_sign_of_life = true;
        on_event(assignment.trial, event);
      }
    } catch (const Error&) {
      // The worker is about to replace or cut the file; what it holds at the end is checked when the trial is recorded.
    }
    if (!answer && !slot.process->ended()) return;
    if (!answer) {
      all.push_back(died(slot));
      return;
    }
    Ended ended;
    ended.trial = assignment.trial;
    ended.status = record::kFailed;
    ended.attempt = assignment.attempt;
    if (const Value* status = answer->find("status")) ended.status = status->as_string();
    if (const Value* steps = answer->find("shared_steps")) ended.shared_steps = steps->as_integer();
    if (const Value* error = answer->find("error")) ended.error = error->as_string();
    slot.is_used = true;
    if (answer->find("unsound")) {
      end_job(slot, ended);
    } else {
      slot.job.pop_front();
      if (!slot.job.empty()) begin_first(slot);
    }
    all.push_back(std::move(ended));
  }
}

// Whether the trial is over a limit. Its worker is asked to write where it stands and to end, and killed when it does not.
void WorkerPool::watch(Slot& slot) {
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - std::exchange(slot.looked, now)).count();
  if (slot.over) {
    slot.patience_seconds -= seconds;
    if (slot.patience_seconds < 0) slot.process->kill();
    return;
  }
  const std::uintmax_t log_size = size_of(slot.job.front().folder / "log.txt");
  const bool log_grew = std::exchange(slot.log_size, log_size) != log_size;
  slot.over = slot.watch->look(seconds, slot.process->resident_bytes(), std::exchange(slot.gave_sign_of_life, false) || log_grew);
  if (!slot.over) return;
  slot.patience_seconds = slot.over->of == OverLimit::Of::kMemory ? 0.3 : 5;  // a worker that eats memory gets little time for it
  slot.process->signal(kEndSignal);
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
    if (!slot->job.empty()) watch(*slot);
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
