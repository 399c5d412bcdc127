// Names, labels and units of the study's layout, and how values become attributes: what writers and readers share.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <temper/value.h>

#include "record/hdf5.h"
#include "record/trial_record.h"

namespace temper::record {

inline constexpr const char* kStudyFormat = "temper-study";
inline constexpr const char* kTrialFormat = "temper-trial";
inline constexpr std::int64_t kFormatVersion = 1;

// A dataset's name cannot hold "/" (a label "n/a" makes the metric f1_n/a): it is stored as U+2215, which looks like it.
std::string member_name(std::string_view name);

// long_name and units of a column of curves, scores or the summary, from its name.
Label label_of_column(std::string_view name);

// Arrays of one type become arrays; what HDF5 has no form for (mixed arrays, tables, very long arrays) becomes its JSON text.
Hdf5Attribute to_attribute(const Value& value);
Value to_value(const Hdf5Attribute& attribute);

// Makes a group of curves known to NeXus viewers: `signal` is plotted over `axes`, and `others` with it.
void set_signal(Hdf5Group& group, const std::string& signal, const std::string& axes, const std::vector<std::string>& others);

// Parameters as attributes, and @swept.
void write_parameters(Hdf5Group& trial, const std::vector<std::pair<std::string, Value>>& parameters, const std::vector<std::string>& swept);

// Of a metric's statistics: "signature_bleu" says how the value bleu was computed.
inline constexpr const char* kSignaturePrefix = "signature_";

// Of a trial that the experiment file no longer has: an attribute, false. And the summary's column of the same name.
inline constexpr const char* kInFile = "in_file";

// Attributes that are not options may not be taken for one.
inline constexpr const char* kSweptAttribute = "swept";

}  // namespace temper::record
