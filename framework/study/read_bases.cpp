// `from` and `from_best`: the strategy that another one goes on from.
#include "study/experiment_reader.h"

#include <map>

namespace temper::study {

namespace {

constexpr std::size_t kLongestChain = 16;  // of strategies that go on from one another
constexpr std::size_t kMostListed = 20;    // names in a remedy

}  // namespace

std::optional<BaseEntry> ExperimentReader::take_base(Value& table, const std::string& where) {
  std::optional<BaseEntry> base;
  for (const char* key : {"from", "from_best"}) {
    const Value* found = table.find(key);
    if (!found) continue;
    const Value given = *found;
    table.erase(key);
    if (!given.is_string()) {
      problems_.add(given.place, where + ": " + key + " is " + given.type_name() + ", it must be the name of another strategy",
                    given.is_array() ? "write a [[strategy]] for each of them" : "");
    } else if (base) {
      problems_.add(given.place, where + " has both from and from_best", "from goes on from every trial of a strategy, from_best from its best: leave one of them out");
    } else {
      base = BaseEntry{given.as_string(), key == std::string("from_best"), given.place};
    }
  }
  return base;
}

void ExperimentReader::check_bases() {
  std::vector<StrategyEntry>& all = experiment_.strategies;
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < all.size(); ++i) places.try_emplace(all[i].name, i);
  const auto report = [&](std::size_t i, const std::string& what, const std::string& remedy) {
    problems_.add(all[i].base->place, what, remedy);
    is_sound_[i] = false;
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].base) continue;
    const BaseEntry& base = *all[i].base;
    const std::string what = std::string(base.is_best ? "from_best" : "from") + " is \"" + base.strategy + '"';
    if (!names_.contains(base.strategy)) {
      const std::vector<std::string> names(names_.begin(), names_.end());
      std::string remedy = did_you_mean(base.strategy, names);
      for (std::size_t n = 0; remedy.empty() && n < names.size() && n < kMostListed; ++n) remedy += (n == 0 ? "there are \"" : ", \"") + names[n] + '"';
      report(i, what + ", which is no strategy of this file", remedy);
      continue;
    }
    if (base.is_best && !experiment_.has_validation)
      report(i, what + ", and there is no validation split to choose the best by", "add validation = 0.1 to [dataset]: the test split chooses nothing");
    // Follows the chain until it ends or comes back here; a circle further up is told by its own members.
    std::string way = '"' + all[i].name + '"';
    const StrategyEntry* at = &all[i];
    for (std::size_t steps = 0; at && at->base; ++steps) {
      if (steps == kLongestChain) {
        report(i, "\"" + all[i].name + "\" is the end of more than " + std::to_string(kLongestChain) + " strategies that go on from one another", "go on from an earlier one of them");
        break;
      }
      const auto next = places.find(at->base->strategy);
      at = next == places.end() ? nullptr : &all[next->second];
      if (!at) break;
      way += " from \"" + at->name + '"';
      if (at != &all[i]) continue;
      report(i, steps == 0 ? what + ", which is the strategy itself" : "strategies go on from one another in a circle: " + way, "a strategy goes on from one that ends before it");
      break;
    }
  }
}

}  // namespace temper::study
