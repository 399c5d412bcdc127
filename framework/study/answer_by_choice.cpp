// Prompts and labels to tokens, their log-probabilities to predictions.
#include "study/answer_by_choice.h"

#include <temper/error.h>

namespace temper::study {

std::vector<Prediction> answer_by_choice(TrialModel&, const TaskInfo&, const PromptFormat&, const Tokenizer*, std::span<const Item>, std::span<const Prompt>,
                                         const ChoiceOptions&) {
  throw Error("answers by choice are being built");
}

}  // namespace temper::study
