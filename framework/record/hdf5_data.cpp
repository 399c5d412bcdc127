// Datasets of the HDF5 wrapper: columns of numbers, strings and bools, matrices, and single texts.
#include <hdf5.h>

#include <temper/error.h>

#include "record/hdf5_library.h"

namespace temper::record {

namespace {

Hdf5Handle column_space(std::span<const hsize_t> shape, const std::string& where) {
  return checked(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), where, "making a shape");
}

Hdf5Handle create_dataset(hid_t group, std::string_view name, hid_t type, hid_t space, const std::string& where) {
  const Hdf5Handle list = checked(H5Pcreate(H5P_DATASET_CREATE), where, "making a property list");
  check(H5Pset_obj_track_times(list.id(), false), where, "switching times off");
  check(H5Pset_fill_time(list.id(), H5D_FILL_TIME_IFSET), where, "switching the filling off");
  return checked(H5Dcreate2(group, std::string(name).c_str(), type, space, H5P_DEFAULT, list.id(), H5P_DEFAULT), where,
                 "creating the dataset");
}

void write_values(hid_t group, std::string_view name, std::span<const hsize_t> shape, hid_t file_type, hid_t memory_type, const void* data,
                  const std::string& where) {
  const Hdf5Handle space = column_space(shape, where);
  const Hdf5Handle dataset = create_dataset(group, name, file_type, space.id(), where);
  for (const hsize_t extent : shape)
    if (extent == 0) return;
  check(H5Dwrite(dataset.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), where, "writing");
}

std::vector<hsize_t> extents(hid_t dataset, const std::string& where) {
  const Hdf5Handle space = checked(H5Dget_space(dataset), where, "reading the shape");
  const int rank = H5Sget_simple_extent_ndims(space.id());
  if (rank < 0) fail(where, "reading the shape");
  std::vector<hsize_t> shape(static_cast<std::size_t>(rank));
  if (rank > 0) check(H5Sget_simple_extent_dims(space.id(), shape.data(), nullptr), where, "reading the shape");
  return shape;
}

// How many values. No file of a study holds more than this: a damaged shape shall not ask for all memory.
std::size_t value_count(hid_t dataset, const std::string& where) {
  constexpr std::size_t kMostValues = std::size_t{1} << 36;
  std::size_t count = 1;
  for (const hsize_t extent : extents(dataset, where))
    if (__builtin_mul_overflow(count, static_cast<std::size_t>(extent), &count) || count > kMostValues)
      throw Error(where + ": its shape is damaged");
  return count;
}

template <typename T>
std::vector<T> read_values(hid_t dataset, hid_t memory_type, const std::string& where) {
  std::vector<T> values(value_count(dataset, where));
  if (!values.empty()) check(H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), where, "reading");
  return values;
}

// Frees what the library allocated for strings of variable length, whatever happens.
class ReadStrings {
 public:
  ReadStrings(hid_t dataset, std::size_t count, const std::string& where)
      : space_(checked(H5Dget_space(dataset), where, "reading the shape")), type_(string_type()), pointers_(count, nullptr) {
    if (count > 0) check(H5Dread(dataset, type_.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers_.data()), where, "reading");
  }
  ReadStrings(const ReadStrings&) = delete;
  ~ReadStrings() {
    if (!pointers_.empty()) H5Dvlen_reclaim(type_.id(), space_.id(), H5P_DEFAULT, pointers_.data());
  }
  std::vector<std::string> strings() const {
    std::vector<std::string> result;
    result.reserve(pointers_.size());
    for (const char* pointer : pointers_) result.emplace_back(pointer ? pointer : "");
    return result;
  }

 private:
  Hdf5Handle space_, type_;
  std::vector<char*> pointers_;
};

void set_label(Hdf5Group& group, std::string_view name, const Label& label) {
  group.set_attribute("long_name", label.long_name, name);
  if (!label.units.empty()) group.set_attribute("units", label.units, name);
}

}  // namespace

void Hdf5Group::write(std::string_view name, std::span<const double> values, const Label& label) {
  const hsize_t shape[] = {values.size()};
  write_values(handle_.id(), name, shape, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, values.data(), where(name));
  set_label(*this, name, label);
}

void Hdf5Group::write(std::string_view name, std::span<const std::int64_t> values, const Label& label) {
  const hsize_t shape[] = {values.size()};
  write_values(handle_.id(), name, shape, H5T_STD_I64LE, H5T_NATIVE_INT64, values.data(), where(name));
  set_label(*this, name, label);
}

void Hdf5Group::write(std::string_view name, std::span<const std::string> values, const Label& label) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const std::string& value : values) texts.push_back(storable(value));
  std::vector<const char*> pointers;
  pointers.reserve(texts.size());
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  const hsize_t shape[] = {values.size()};
  const Hdf5Handle type = string_type();
  write_values(handle_.id(), name, shape, type.id(), type.id(), pointers.data(), where(name));
  set_label(*this, name, label);
}

void Hdf5Group::write(std::string_view name, const Hdf5Bools& values, const Label& label) {
  const hsize_t shape[] = {values.values.size()};
  const Hdf5Handle type = bool_type();
  write_values(handle_.id(), name, shape, type.id(), type.id(), values.values.data(), where(name));
  set_label(*this, name, label);
}

void Hdf5Group::write_matrix(std::string_view name, std::span<const double> values, std::int64_t rows, std::int64_t columns,
                             const Label& label) {
  if (rows < 0 || columns < 0 || static_cast<std::size_t>(rows * columns) != values.size())
    throw Error(where(name) + ": " + std::to_string(values.size()) + " values do not fill " + std::to_string(rows) + " x " +
                std::to_string(columns));
  const hsize_t shape[] = {static_cast<hsize_t>(rows), static_cast<hsize_t>(columns)};
  write_values(handle_.id(), name, shape, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, values.data(), where(name));
  set_label(*this, name, label);
}

void Hdf5Group::write_text(std::string_view name, const std::string& text, const Label& label) {
  const std::string place = where(name);
  const std::string stored = storable(text);
  const char* pointer = stored.c_str();
  const Hdf5Handle type = string_type();
  const Hdf5Handle space = checked(H5Screate(H5S_SCALAR), place, "making a shape");
  const Hdf5Handle dataset = create_dataset(handle_.id(), name, type.id(), space.id(), place);
  check(H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &pointer), place, "writing");
  set_label(*this, name, label);
}

Hdf5Data Hdf5Group::read(std::string_view path) const {
  const std::string place = where(path);
  if (!has(path)) throw Error(place + ": there is no such dataset");
  const Hdf5Handle dataset = checked(H5Dopen2(handle_.id(), std::string(path).c_str(), H5P_DEFAULT), place, "opening the dataset");
  const Hdf5Handle type = checked(H5Dget_type(dataset.id()), place, "reading the type");
  switch (H5Tget_class(type.id())) {
    case H5T_FLOAT: return read_values<double>(dataset.id(), H5T_NATIVE_DOUBLE, place);
    case H5T_INTEGER: return read_values<std::int64_t>(dataset.id(), H5T_NATIVE_INT64, place);
    case H5T_ENUM: {
      const Hdf5Handle bools = bool_type();
      return Hdf5Bools{read_values<std::int8_t>(dataset.id(), bools.id(), place)};
    }
    case H5T_STRING: {
      if (H5Tis_variable_str(type.id()) <= 0) break;
      const bool is_scalar = extents(dataset.id(), place).empty();
      std::vector<std::string> strings = ReadStrings(dataset.id(), value_count(dataset.id(), place), place).strings();
      if (is_scalar) return std::move(strings.at(0));
      return strings;
    }
    default: break;
  }
  throw Error(place + ": it holds neither numbers, nor bools, nor strings of variable length");
}

std::vector<std::int64_t> Hdf5Group::shape(std::string_view path) const {
  const std::string place = where(path);
  if (!has(path)) throw Error(place + ": there is no such dataset");
  const Hdf5Handle dataset = checked(H5Dopen2(handle_.id(), std::string(path).c_str(), H5P_DEFAULT), place, "opening the dataset");
  const std::vector<hsize_t> shape = extents(dataset.id(), place);
  return {shape.begin(), shape.end()};
}

namespace {

template <typename T>
T expect(Hdf5Data data, const std::string& where, const char* wanted) {
  if (T* value = std::get_if<T>(&data)) return std::move(*value);
  throw Error(where + ": it should hold " + wanted);
}

}  // namespace

std::vector<double> Hdf5Group::read_floats(std::string_view path) const {
  Hdf5Data data = read(path);
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&data)) return {integers->begin(), integers->end()};
  return expect<std::vector<double>>(std::move(data), where(path), "numbers");
}

std::vector<std::int64_t> Hdf5Group::read_integers(std::string_view path) const {
  return expect<std::vector<std::int64_t>>(read(path), where(path), "integers");
}

std::vector<std::string> Hdf5Group::read_strings(std::string_view path) const {
  return expect<std::vector<std::string>>(read(path), where(path), "strings");
}

std::string Hdf5Group::read_text(std::string_view path) const { return expect<std::string>(read(path), where(path), "a single text"); }

}  // namespace temper::record
