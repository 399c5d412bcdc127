// temper report STUDY: the table of a study, from its file alone.
#include <unistd.h>

#include <iostream>

#include "cli/command_line.h"
#include "cli/verb.h"
#include "record/study_file.h"
#include "report/table.h"

namespace temper::cli {

int report_study(const std::vector<std::string>& arguments) {
  std::string study;
  CommandLine line("report", "Prints the table of a study.");
  line.positional("STUDY", study, "the study's folder, or its study.h5");
  if (!line.parse(arguments)) return kDone;
  std::cout << report::study_table(record::read_summary(record::study_file(study)), report::terminal_of(STDOUT_FILENO));
  return kDone;
}

}  // namespace temper::cli
