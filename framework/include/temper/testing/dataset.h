// The promises of a dataset plugin, checked: one line in a plugin's own test.
//
//   TEST(Csv, KeepsTheDatasetContract) { temper::testing::check_dataset("csv", options, source); }
#pragma once

#include <memory>
#include <string>

#include <temper/dataset.h>
#include <temper/testing/failure.h>
#include <temper/value.h>

namespace temper::testing {

// The checks, by the names that Failure::check carries:
//   opens                     open gives a split, and reports no bad row of a good source
//   has_rows                  the split is not empty
//   reads_every_row           item and targets of every row are given
//   ids_are_unique            no id is empty or comes twice
//   has_fields                every item has a field, names are given once and are not empty
//   holds_utf8                all texts are valid UTF-8 and without NUL
//   targets_fit_the_task      every row has targets where the task has them, of its kind, and none is empty
//   hides_the_targets         no field of the items holds what their targets say (found where targets differ between items)
//   reads_the_same_again      an item read twice, in any order, is the same; so is a second open
//   reads_from_many_threads   concurrent reads give what one thread reads
//   reads_without_targets     a source that needs no targets has at least the same rows
//   missing_file_is_an_error  for datasets that read files: a file that is not there is an Error that names it
//   outlives_its_dataset      a split stays readable after the dataset that opened it is gone
// Where one of the first three fails, the others are left out.
Failures dataset_failures(std::unique_ptr<Dataset> dataset, const Source& source);

// Loads the plugin by its name with these options (a table), and turns each failure into a failure of the running test.
void check_dataset(const std::string& name, const Value& options, const Source& source);

}  // namespace temper::testing
