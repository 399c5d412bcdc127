// A strategy that breaks in the way that it is asked to: for tests of what a study makes of it.
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <temper/label_prediction.h>
#include <temper/strategy.h>

namespace {

struct Options {
  std::string fault = "none";
  std::string when = "adapt";
  std::int64_t variant = 0;
  std::optional<std::string> until;  // no path: the file is not there at first
  std::int64_t megabytes = 300;
  bool trains = false;
  void visit(temper::OptionVisitor& v) {
    v.option("fault", fault, "What goes wrong.")
        .one_of({"none", "segfault", "abort", "terminate", "overflow", "divide", "throw", "throw_number", "bad_alloc", "hog", "loop", "sleep", "exit", "_exit", "killed", "chatty"});
    v.option("when", when, "When it does.").one_of({"adapt", "predict"});
    v.option("variant", variant, "Another trial.");
    v.option("until", until, "The whole path of a file; once it is there, nothing goes wrong any more; it is made before the fault.").not_part_of_identity();
    v.option("megabytes", megabytes, "That a hog takes.");
    v.option("trains", trains, "Whether a head is trained before.");
  }
};

// Not inlined: the tests look for their names.
[[gnu::noinline]] void write_to(std::uintptr_t nowhere) {
  volatile std::uintptr_t address = nowhere;  // the compiler must not know that it is none
  *reinterpret_cast<volatile int*>(address) = 1;
}

[[gnu::noinline]] int recurse(int depth) {
  volatile char room[4096];
  room[depth & 4095] = 1;
  return depth < 0 ? room[7] : recurse(depth + 1) + room[9];
}

[[gnu::noinline]] int divide_by(int number) {
  volatile int zero = number;
  return 1000 / zero;
}

[[gnu::noinline]] void spin() {
  volatile bool ends = false;
  while (!ends) {}
}

class Faulty final : public temper::Strategy {
 public:
  explicit Faulty(Options options) : options_(std::move(options)) {}
  temper::Needs needs() const override { return {.model = options_.trains, .training = options_.trains, .prompt = options_.trains, .seed = options_.trains, .frozen = options_.trains}; }
  std::string cannot(temper::Task task) const override { return task == temper::Task::kClassification ? "" : "it knows labels only"; }
  void adapt(temper::AdaptContext& context) override {
    std::cerr << "adapting variant " << options_.variant << std::endl;
    if (options_.trains) context.run_training({.name = "head", .tune = {temper::TuneMode::kHead}});
    if (options_.when == "adapt") fail();
  }
  std::vector<temper::Prediction> predict(temper::PredictContext& context, std::span<const temper::Item> items) override {
    if (options_.when == "predict") fail();
    const std::vector<std::string>& labels = context.task().labels;
    std::vector<temper::Prediction> predictions;
    for (const temper::Item& item : items)
      predictions.push_back(temper::label_prediction(item.id, labels, std::vector<double>(labels.size(), 1.0 / static_cast<double>(labels.size()))));
    return predictions;
  }

 private:
  void fail() const {
    const std::string& fault = options_.fault;
    if (fault == "none" || (options_.until && std::filesystem::exists(*options_.until))) return;
    if (options_.until) std::ofstream(*options_.until) << "here";
    std::cerr << "about to " << fault << std::endl;
    if (fault == "segfault") write_to(0x10);
    if (fault == "abort") std::abort();
    if (fault == "terminate") std::thread([] { throw std::runtime_error("thrown where nobody catches"); }).join();
    if (fault == "overflow") std::exit(recurse(0));
    if (fault == "divide") std::exit(divide_by(0));
    if (fault == "throw") throw std::runtime_error("no luck today");
    if (fault == "throw_number") throw 7;
    if (fault == "bad_alloc") throw std::bad_alloc();
    if (fault == "hog") eat();
    if (fault == "loop") spin();
    if (fault == "sleep") std::this_thread::sleep_for(std::chrono::hours(24));
    if (fault == "exit") std::exit(0);
    if (fault == "_exit") ::_exit(0);
    if (fault == "killed") ::raise(SIGKILL);  // as the system's out-of-memory killer does
    if (fault == "chatty") for (int i = 0; i < 40; ++i, std::this_thread::sleep_for(std::chrono::milliseconds(100))) std::cerr << "still here" << std::endl;
  }

  // Takes memory and holds it, for as long as a test can wait.
  void eat() const {
    const std::size_t size = static_cast<std::size_t>(options_.megabytes) << 20;
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    std::memset(memory, 1, size);
    std::this_thread::sleep_for(std::chrono::seconds(2));
    ::munmap(memory, size);
  }

  Options options_;
};

}  // namespace

TEMPER_PLUGIN(Strategy, Faulty, Options, "faulty", "Breaks in the way that it is asked to, for tests.")
