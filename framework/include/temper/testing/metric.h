// The promises of a metric plugin, checked: one line in a plugin's own test.
//
//   TEST(Accuracy, KeepsTheMetricContract) { temper::testing::check_metric("accuracy"); }
#pragma once

#include <string>
#include <vector>

#include <temper/metric.h>
#include <temper/testing/failure.h>

namespace temper::testing {

// The checks, by the names that Failure::check carries, made for every task that the metric scores:
//   scores_a_task                it applies to one task at least
//   names_are_unique             there are values, each with a name of its own, also where labels are called like averages
//   has_a_default                a value is reported when only the plugin is named
//   ranges_are_ordered           lowest < highest
//   statistics_keep_their_size   nothing is written outside the numbers that statistics_size states
//   evaluate_fits_values         evaluate gives a number for each of `values`
//   depends_on_the_item_alone    an item's statistics are the same at every call and in every order of items
//   depends_on_the_sum_alone     the same statistics give the same values at every call
//   perfect_scores_best          answers equal to the reference, and certain of it, reach the best end of the range
//   wrong_scores_worse           answers that are all wrong do not
//   is_defined                   no NaN where every item has an answer and a reference
//   stays_in_range               values lie in [lowest, highest]
//   scores_single_items          a value that is per_item is defined and in range for each single item
//   doubling_changes_nothing     every item counted twice gives the same values: they come from sums over any set of items
//   order_changes_nothing        nor do they depend on the order of items
//   weights_are_counts           a row of weight 2 is two items, one of weight 0 is none
//   is_undefined_without_items   no items give NaN
//   leaves_out_unscored_items    an item without reference and likelihood leaves zeros
//   accepts_any_reference        an answer that equals the second of two references is as good (labels, spans, text)
//   takes_any_answer             an answer of another kind than the reference throws nothing, and the values stay defined
// A check that needs an earlier one is left out when that one failed.
Failures metric_failures(const Metric& metric);

// Loads the plugin by its name, with its default options, and turns each failure into a failure of the running test.
void check_metric(const std::string& name);

// Items of a task with answers to them: what the checks score, and a start for tests of one's own.
struct MetricSample {
  TaskInfo task;
  std::vector<Targets> targets;
  std::vector<Prediction> perfect, wrong, mixed;  // an answer to each item; `mixed` is right for every other one
};
MetricSample metric_sample(Task task);

}  // namespace temper::testing
