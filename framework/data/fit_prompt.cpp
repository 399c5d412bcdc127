// Blocks are left out one by one: prompts have few of them.
#include "data/fit_prompt.h"

namespace temper::data {

FittedPrompt fit_prompt(const Prompt& prompt, const std::string& item, std::int64_t most, const std::function<std::int64_t(const std::string&)>& tokens) {
  std::size_t begin = 0, end = prompt.blocks.size();
  const auto text = [&] {
    std::string all;
    for (std::size_t i = begin; i < end; ++i) all += prompt.blocks[i].text;
    return all + item;
  };
  FittedPrompt fitted{text(), {}, {}};
  while (begin < end && tokens(fitted.text) > most) {
    if (prompt.leave_out == Prompt::LeaveOut::kFirst) ++begin;
    else --end;
    fitted.text = text();
  }
  for (std::size_t i = 0; i < prompt.blocks.size(); ++i) (i >= begin && i < end ? fitted.used_ids : fitted.dropped_ids).push_back(prompt.blocks[i].id);
  return fitted;
}

}  // namespace temper::data
