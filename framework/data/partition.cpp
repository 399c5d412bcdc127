// Shares by largest remainders, and greedy choices of groups.
#include "data/partition.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace temper::data {

namespace {

// Rows that stay together, in the order of their first one.
struct Group {
  std::vector<std::size_t> places;          // in `order`
  std::map<std::size_t, double> in_stratum;  // how many of its rows
};

std::size_t stratum_of(const RowKeys& keys, std::size_t row) { return keys.stratum.empty() ? 0 : keys.stratum[row]; }

std::vector<Group> groups_of(const std::vector<std::size_t>& order, const RowKeys& keys) {
  std::vector<Group> groups;
  std::map<std::size_t, std::size_t> known;
  for (std::size_t place = 0; place < order.size(); ++place) {
    const auto [at, is_new] = known.emplace(keys.group[order[place]], groups.size());
    if (is_new) groups.emplace_back();
    groups[at->second].places.push_back(place);
    ++groups[at->second].in_stratum[stratum_of(keys, order[place])];
  }
  return groups;
}

std::map<std::size_t, double> strata_of(const std::vector<std::size_t>& order, const RowKeys& keys) {
  std::map<std::size_t, double> sizes;
  for (const std::size_t row : order) ++sizes[stratum_of(keys, row)];
  return sizes;
}

// How many rows of each stratum are taken, `count` in all: the share rounded down, and one more where the rest is largest (Hamilton's method).
// A stratum's last row stays.
std::map<std::size_t, std::size_t> quotas(const std::map<std::size_t, double>& sizes, std::size_t all, std::size_t count) {
  std::map<std::size_t, std::size_t> quota;
  std::vector<std::pair<double, std::size_t>> rest;
  std::size_t taken = 0;
  for (const auto& [stratum, size] : sizes) {
    const double share = size * static_cast<double>(count) / static_cast<double>(all);
    quota[stratum] = std::min(static_cast<std::size_t>(share), static_cast<std::size_t>(size) - 1);
    taken += quota[stratum];
    rest.emplace_back(share - static_cast<double>(quota[stratum]), stratum);
  }
  std::stable_sort(rest.begin(), rest.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (bool goes_on = true; goes_on && taken < count;) {
    goes_on = false;
    for (const auto& [unused, stratum] : rest) {
      if (taken == count || quota[stratum] + 1 >= static_cast<std::size_t>(sizes.at(stratum))) continue;
      ++quota[stratum];
      ++taken;
      goes_on = true;
    }
  }
  return quota;
}

std::vector<bool> chosen_rows(const std::vector<std::size_t>& order, std::size_t count, const RowKeys& keys) {
  std::vector<bool> chosen(order.size(), false);
  if (keys.stratum.empty()) {
    std::fill(chosen.end() - static_cast<std::ptrdiff_t>(count), chosen.end(), true);
    return chosen;
  }
  std::map<std::size_t, std::size_t> quota = quotas(strata_of(order, keys), order.size(), count);
  for (std::size_t place = order.size(); place-- > 0;) {
    std::size_t& left = quota[keys.stratum[order[place]]];
    if (left > 0) chosen[place] = true, --left;
  }
  return chosen;
}

// A group is taken where that brings the number of rows, and those by stratum, nearer to what is wanted, in squares.
std::vector<bool> chosen_groups(const std::vector<std::size_t>& order, std::size_t count, const RowKeys& keys) {
  std::vector<bool> chosen(order.size(), false);
  const std::vector<Group> groups = groups_of(order, keys);
  if (groups.size() < 2) return chosen;
  const auto take = [&](const Group& group) { for (const std::size_t place : group.places) chosen[place] = true; };
  std::map<std::size_t, double> missing = strata_of(order, keys);
  for (auto& [stratum, size] : missing) size *= static_cast<double>(count) / static_cast<double>(order.size());
  double missing_rows = static_cast<double>(count);
  std::size_t taken = 0;
  for (std::size_t i = groups.size(); i-- > 0 && taken + 1 < groups.size();) {
    const auto group_rows = static_cast<double>(groups[i].places.size());
    double change = group_rows * (group_rows - 2 * missing_rows);
    for (const auto& [stratum, size] : groups[i].in_stratum) change += size * (size - 2 * missing[stratum]);
    if (change >= 0) continue;
    take(groups[i]);
    for (const auto& [stratum, size] : groups[i].in_stratum) missing[stratum] -= size;
    missing_rows -= group_rows;
    ++taken;
  }
  if (taken == 0) take(*std::min_element(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.places.size() < b.places.size(); }));
  return chosen;
}

}  // namespace

std::vector<std::size_t> take_part(std::vector<std::size_t>& order, std::size_t count, const RowKeys& keys) {
  const std::vector<bool> chosen = keys.group.empty() ? chosen_rows(order, std::min(count, order.size()), keys) : chosen_groups(order, count, keys);
  std::vector<std::size_t> taken, left;
  for (std::size_t place = 0; place < order.size(); ++place) (chosen[place] ? taken : left).push_back(order[place]);
  order = std::move(left);
  return taken;
}

std::vector<std::size_t> fold_of_rows(const std::vector<std::size_t>& order, std::size_t folds, const RowKeys& keys) {
  std::vector<std::size_t> fold(order.size());
  if (keys.group.empty()) {
    std::vector<std::size_t> places(order.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) { return stratum_of(keys, order[a]) < stratum_of(keys, order[b]); });
    for (std::size_t i = 0; i < places.size(); ++i) fold[places[i]] = i % folds;  // dealt out, stratum by stratum
    return fold;
  }
  // Large groups first, each to the fold that has least of its strata.
  std::vector<Group> groups = groups_of(order, keys);
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.places.size() > b.places.size(); });
  std::map<std::size_t, double> sizes = strata_of(order, keys);
  std::vector<std::map<std::size_t, double>> filled(folds);
  std::vector<std::size_t> rows(folds, 0);
  for (const Group& group : groups) {
    const auto cost = [&](std::size_t f) {
      double sum = 0;
      for (const auto& [stratum, size] : group.in_stratum) sum += size * (2 * filled[f][stratum] + size) / (sizes[stratum] * sizes[stratum]);
      return sum;
    };
    std::size_t best = 0;
    for (std::size_t f = 1; f < folds; ++f) {
      const double difference = cost(f) - cost(best);
      if (difference < 0 || (difference == 0 && rows[f] < rows[best])) best = f;
    }
    for (const std::size_t place : group.places) fold[place] = best;
    for (const auto& [stratum, size] : group.in_stratum) filled[best][stratum] += size;
    rows[best] += group.places.size();
  }
  return fold;
}

}  // namespace temper::data
