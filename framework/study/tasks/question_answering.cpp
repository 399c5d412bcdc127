// The span of the context with the largest sum of begin and end logits, over all windows.
//
// Devlin et al. 2019, sections 4.2 and 4.3: where some questions have no answer, the first token of each window stands for none; its
// smallest score over the windows is compared with the best span's (as transformers' run_qa does).
#include <algorithm>
#include <limits>

#include "study/tasks/task_work.h"

namespace temper::study {

namespace {

struct Best {
  double score = -std::numeric_limits<double>::infinity();
  Span span;
};

class QuestionAnswering final : public TaskWork {
 public:
  QuestionAnswering(const TaskInfo& task, const TrainingOptions& options)
      : may_have_none_(task.has_no_answer), longest_(static_cast<std::size_t>(options.max_answer_length)), threshold_(options.null_score_diff_threshold) {}

  Prediction answer(const Item& item, const ItemLogits& said) const override {
    Best best;
    double none = std::numeric_limits<double>::infinity();
    for (std::size_t window = 0; window < said.examples.size(); ++window) {
      const std::vector<float>& logits = said.logits[window];  // [T, 2]
      none = std::min(none, static_cast<double>(logits.at(0)) + logits.at(1));
      search(logits, said.readings[window].places, best);
    }
    Prediction prediction;
    Spans spans;
    if (best.span.end > best.span.begin && !(may_have_none_ && none - best.score > threshold_)) {
      const std::string* context = item.fields.text(kContextField);
      const auto begin = static_cast<std::size_t>(best.span.begin);
      if (context && begin <= context->size()) best.span.text = context->substr(begin, static_cast<std::size_t>(best.span.end - best.span.begin));
      spans.spans.push_back(std::move(best.span));
    }
    prediction.value = std::move(spans);
    return prediction;
  }

 private:
  void search(const std::vector<float>& logits, const std::vector<ByteRange>& places, Best& best) const {
    for (std::size_t begin = 0; begin < places.size(); ++begin) {
      if (places[begin].end == 0) continue;
      for (std::size_t end = begin; end < std::min(places.size(), begin + longest_) && places[end].end != 0; ++end) {
        const double score = static_cast<double>(logits[2 * begin]) + logits[2 * end + 1];
        if (score > best.score) best = {score, {places[begin].begin, places[end].end, {}}};
      }
    }
  }

  bool may_have_none_;
  std::size_t longest_;
  double threshold_;
};

}  // namespace

std::unique_ptr<TaskWork> question_answering(const TaskInfo& task, const TrainingOptions& options) { return std::make_unique<QuestionAnswering>(task, options); }

}  // namespace temper::study
