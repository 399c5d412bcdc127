// The columns of /summary, made of what /trials holds.
#pragma once

#include <string>
#include <vector>

#include <temper/value.h>

#include "record/hdf5.h"
#include "record/study_file.h"

namespace temper::record {

// Writes /summary of the file whose /trials are all there.
void write_summary(Hdf5Group& root, const StudyHeader& header, const std::vector<StudyTrial>& trials);

// One column of mixed values as HDF5 can hold it. Nulls are what a trial has no value for: NaN among numbers, "" among strings.
// Integers stay integers when none is missing, bools likewise; numbers mixed with strings become strings.
Hdf5Data column_of(const std::vector<Value>& values);
// Back again; NaN and "" become null.
std::vector<Value> values_of(const Hdf5Data& column);

}  // namespace temper::record
