// Tasks whose targets are tokens of text: the text itself, or what is to be written behind a prompt.
#include "study/tasks/task_work.h"

namespace temper::study {

namespace {

// How likely the model finds the text; the text stands beside it, for metrics per word and per byte.
class LanguageModeling final : public TaskWork {
 public:
  Prediction answer(const Item& item, const ItemLogits& said) const override {
    Prediction prediction;
    const std::string* text = item.fields.text(kTextField);
    prediction.value = Text{text ? *text : std::string()};
    prediction.nll = said.nll;
    prediction.nll_tokens = said.nll_tokens;
    return prediction;
  }
};

class Generation final : public TaskWork {
 public:
  Prediction answer(const Item&, const ItemLogits& said) const override {
    Prediction prediction;
    prediction.value = Text{};
    prediction.nll = said.nll;
    prediction.nll_tokens = said.nll_tokens;
    return prediction;
  }
  bool answers() const override { return false; }
};

}  // namespace

std::unique_ptr<TaskWork> language_modeling() { return std::make_unique<LanguageModeling>(); }
std::unique_ptr<TaskWork> generation() { return std::make_unique<Generation>(); }

}  // namespace temper::study
