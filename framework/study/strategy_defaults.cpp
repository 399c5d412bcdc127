// What a strategy does unless it says otherwise.
#include <temper/strategy.h>

namespace temper {

std::vector<Prediction> Strategy::predict(PredictContext& context, std::span<const Item> items) { return context.predict_by_head(items); }
void Strategy::save(const std::filesystem::path&) const {}
void Strategy::load(const std::filesystem::path&) {}

}  // namespace temper
