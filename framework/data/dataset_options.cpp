// The keys of [dataset] that every dataset has.
#include "data/dataset_options.h"

#include <algorithm>

namespace temper::data {

void SplitLimits::visit(OptionVisitor& v) {
  v.option("train", train, "At most this many rows of train are used.").at_least(1).in("rows");
  v.option("validation", validation, "At most this many rows of validation are used.").at_least(1).in("rows");
  v.option("test", test, "At most this many rows of test are used.").at_least(1).in("rows");
}

void DatasetOptions::visit(OptionVisitor& v) {
  v.option("plugin", plugin, "The dataset plugin that reads the files.").required();
  v.option("train", train, "The file with the train rows.").required();
  v.option("validation", validation, "The file with the validation rows, or the share of the train rows that is set aside for it.").above(0).below(1);
  v.option("test", test, "The file with the test rows, or the share of the train rows that is set aside for it; they are scored once, at the end of a trial.").above(0).below(1);
  v.option("group", group, "The column of which rows that hold the same stay together: shares and folds take whole groups, so that no group is in two of them.");
  v.option("stratify", stratify, "Whether shares and folds take each label in its share of the rows.");
  v.option("folds", folds, "Divides the train rows into this many folds; each is validation (or test, as fold_is says) once, and train has the others: a trial for each.").at_least(2).at_most(1000);
  v.option("fold", fold, "The fold that is left out of train, from 1; by default each of them in turn.").at_least(1);
  v.option("fold_is", fold_is, "What a fold is for. \"validation\": it chooses, and all folds are tested on one test split. \"test\": cross-validation; each train row is tested once, by the trial that did not train on it, and strategies are compared on all of them together. Validation may then be a file, or a share of the rows that are left.").one_of({"validation", "test"});
  v.table_or_each("limit", limit, "How many rows of each split are used, after the shuffle and the split; an integer means each split.");
  v.option("seed", seed, "Of the shuffle, and so of splits and limits: the same rows for all trials.");
  v.option("on_bad_row", on_bad_row, "Whether a row that cannot be read ends the study or is left out and counted.").one_of({"error", "drop"});
  v.option("leakage", leakage, "What becomes of rows of train that stand in validation or test too, and of rows of validation that stand in test, to the letter or but for case, punctuation and blanks: they are told, left out of the former, or end the study.").one_of({"warn", "drop", "fail"});
}

OptionSchema dataset_schema(const OptionSchema& plugin_options, const std::string& plugin_name, bool reads_files) {
  OptionsOf<DatasetOptions> own;
  OptionSchema schema = declared(own);
  Problems problems;
  for (const OptionSpec& option : plugin_options) {
    const auto is_taken = [&](const std::string& name) {
      return std::any_of(schema.begin(), schema.end(), [&](const OptionSpec& known) { return known.name == name; });
    };
    if (is_taken(option.name) || std::any_of(option.aliases.begin(), option.aliases.end(), is_taken))
      problems.add({}, "dataset plugin \"" + plugin_name + "\" declares the option \"" + option.name + "\", which temper itself reads from [dataset]",
                   "the plugin must call it otherwise");
  }
  problems.throw_if_any();
  if (!reads_files)
    for (OptionSpec& option : schema)
      if (option.type == OptionType::kPath) option.type = OptionType::kString;
  schema.insert(schema.end(), plugin_options.begin(), plugin_options.end());
  return schema;
}

}  // namespace temper::data
