// What the three files of the HDF5 wrapper share: types, property lists and the library's own words for an error.
#pragma once

#include <hdf5.h>

#include <string>
#include <string_view>

#include "record/hdf5.h"

namespace temper::record {

static_assert(sizeof(hid_t) == sizeof(std::int64_t));

// Takes over what the library returned; throws Error with `where`, `doing` and the library's reason for a negative one.
Hdf5Handle checked(hid_t id, const std::string& where, const char* doing);
void check(herr_t status, const std::string& where, const char* doing);
[[noreturn]] void fail(const std::string& where, const char* doing);

Hdf5Handle string_type();  // UTF-8, variable length
Hdf5Handle bool_type();    // the enumeration that h5py reads as numpy.bool_

// Strings in HDF5 are UTF-8 and end at a NUL: bytes that are not UTF-8 become U+FFFD, NUL becomes U+2400 (its symbol).
std::string storable(std::string_view text);

// Gives back what the library keeps for later and what is free between its pieces: after a large file, in a process that lives on.
void give_memory_back();

}  // namespace temper::record
