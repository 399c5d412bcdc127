// What a strategy does unless it says otherwise.
#include <temper/strategy.h>

namespace temper {

std::vector<Prompt> Strategy::prepare(StrategyContext&, std::span<const Item> items) { return std::vector<Prompt>(items.size()); }

std::vector<Prediction> Strategy::predict(PredictContext& context, std::span<const Item> items) {
  if (items.empty()) return {};
  return context.answer(items, prepare(context, items), answer_options());
}

void Strategy::save(const std::filesystem::path&) const {}
void Strategy::load(const std::filesystem::path&) {}

}  // namespace temper
