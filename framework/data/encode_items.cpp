// The encoder of a task, and whole splits on several threads.
#include "data/encode_items.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include <temper/error.h>

#include "data/task_encoders.h"

namespace temper::data {

namespace {

// The examples of all rows one after another.
EncodedSplit joined(std::vector<EncodedItem> rows) {
  EncodedSplit result;
  result.examples.reserve(rows.size());
  result.first = {0};
  for (EncodedItem& row : rows) {
    result.truncated_items += row.dropped_tokens > 0;
    result.dropped_tokens += row.dropped_tokens;
    for (Example& example : row.examples) result.examples.push_back(std::move(example));
    for (Reading& reading : row.readings) result.readings.push_back(std::move(reading));
    result.first.push_back(result.examples.size());
  }
  return result;
}

}  // namespace

EncodedSplit ItemEncoder::encode(const Split& split, int threads) const {
  constexpr std::size_t kRowsAtOnce = 64;
  std::vector<EncodedItem> rows(split.size());
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::size_t failed_row = split.size();
  std::exception_ptr failure;
  // All rows before a failing one are read, so the first failure by row order is the one that is kept.
  const auto work = [&] {
    for (std::size_t begin; (begin = next.fetch_add(kRowsAtOnce)) < split.size();) {
      for (std::size_t row = begin; row < std::min(begin + kRowsAtOnce, split.size()); ++row) {
        try {
          rows[row] = encode(split.item(row), split.targets(row));
        } catch (...) {
          const std::lock_guard lock(mutex);
          if (row < failed_row) {
            failed_row = row;
            failure = std::current_exception();
          }
          next = split.size();
          break;
        }
      }
    }
  };
  std::vector<std::thread> pool;
  const std::size_t useful = (split.size() + kRowsAtOnce - 1) / kRowsAtOnce;
  for (std::size_t i = 1; i < std::min(useful, static_cast<std::size_t>(std::max(threads, 1))); ++i) pool.emplace_back(work);
  work();
  for (std::thread& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
  return joined(std::move(rows));
}

std::unique_ptr<ItemEncoder> make_encoder(const TaskInfo& task, const PromptOptions& prompt, const Tokenizer* tokenizer, const EncodeSettings& settings) {
  if (settings.max_length && *settings.max_length < 1) throw Error("max_length is " + std::to_string(*settings.max_length) + ", expected at least 1");
  const EncoderSetup setup{task, prompt, tokenizer, settings};
  switch (task.task) {
    case Task::kClassification: return label_encoder(setup);
    case Task::kMultiLabel: return labels_encoder(setup);
    case Task::kRegression: return score_encoder(setup);
    case Task::kTokenClassification: return tags_encoder(setup);
    case Task::kQuestionAnswering: return spans_encoder(setup);
    case Task::kGeneration: return completion_encoder(setup);
    case Task::kLanguageModeling: return document_encoder(setup);
  }
  throw Error("items of the task " + std::string(to_string(task.task)) + " cannot be encoded");
}

}  // namespace temper::data
