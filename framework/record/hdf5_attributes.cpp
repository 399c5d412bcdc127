// Attributes of the HDF5 wrapper.
#include <hdf5.h>

#include <temper/error.h>

#include "record/hdf5_library.h"

namespace temper::record {

namespace {

Hdf5Handle scalar_or_column(const std::size_t* size, const std::string& where) {
  if (!size) return checked(H5Screate(H5S_SCALAR), where, "making a shape");
  const hsize_t extent = *size;
  return checked(H5Screate_simple(1, &extent, nullptr), where, "making a shape");
}

void write_attribute(hid_t object, const std::string& name, hid_t file_type, hid_t memory_type, const std::size_t* size, const void* data,
                     const std::string& where) {
  if (H5Aexists(object, name.c_str()) > 0) check(H5Adelete(object, name.c_str()), where, "replacing the attribute");
  const Hdf5Handle space = scalar_or_column(size, where);
  const Hdf5Handle attribute =
      checked(H5Acreate2(object, name.c_str(), file_type, space.id(), H5P_DEFAULT, H5P_DEFAULT), where, "creating the attribute");
  if (size && *size == 0) return;
  check(H5Awrite(attribute.id(), memory_type, data), where, "writing the attribute");
}

struct Writer {
  hid_t object;
  const std::string& name;
  const std::string& where;

  void operator()(bool value) const {
    const std::int8_t byte = value ? 1 : 0;
    const Hdf5Handle type = bool_type();
    write_attribute(object, name, type.id(), type.id(), nullptr, &byte, where);
  }
  void operator()(std::int64_t value) const { write_attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, nullptr, &value, where); }
  void operator()(double value) const { write_attribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, nullptr, &value, where); }
  void operator()(const std::string& value) const {
    const std::string stored = storable(value);
    const char* pointer = stored.c_str();
    const Hdf5Handle type = string_type();
    write_attribute(object, name, type.id(), type.id(), nullptr, &pointer, where);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    const std::size_t size = values.size();
    write_attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &size, values.data(), where);
  }
  void operator()(const std::vector<double>& values) const {
    const std::size_t size = values.size();
    write_attribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &size, values.data(), where);
  }
  void operator()(const std::vector<std::string>& values) const {
    std::vector<std::string> stored;
    for (const std::string& value : values) stored.push_back(storable(value));
    std::vector<const char*> pointers;
    for (const std::string& text : stored) pointers.push_back(text.c_str());
    const std::size_t size = pointers.size();
    const Hdf5Handle type = string_type();
    write_attribute(object, name, type.id(), type.id(), &size, pointers.data(), where);
  }
};

template <typename T>
std::vector<T> read_values(hid_t attribute, hid_t type, std::size_t count, const std::string& where) {
  std::vector<T> values(count);
  if (count > 0) check(H5Aread(attribute, type, values.data()), where, "reading the attribute");
  return values;
}

std::vector<std::string> read_strings(hid_t attribute, hid_t space, std::size_t count, const std::string& where) {
  const Hdf5Handle type = string_type();
  std::vector<char*> pointers(count, nullptr);
  if (count > 0) check(H5Aread(attribute, type.id(), pointers.data()), where, "reading the attribute");
  std::vector<std::string> strings;
  for (const char* pointer : pointers) strings.emplace_back(pointer ? pointer : "");
  if (count > 0) H5Dvlen_reclaim(type.id(), space, H5P_DEFAULT, pointers.data());
  return strings;
}

// The group itself, which is open already, or a member of it.
class Opened {
 public:
  Opened(const Hdf5Handle& group, std::string_view path, const std::string& where)
      : member_(path == "." ? Hdf5Handle() : checked(H5Oopen(group.id(), std::string(path).c_str(), H5P_DEFAULT), where, "opening the object")),
        id_(member_ ? member_.id() : group.id()) {}
  hid_t id() const { return id_; }

 private:
  Hdf5Handle member_;
  hid_t id_;
};

Hdf5Attribute read_attribute(hid_t attribute, const std::string& where) {
  const Hdf5Handle type = checked(H5Aget_type(attribute), where, "reading the type");
  const Hdf5Handle space = checked(H5Aget_space(attribute), where, "reading the shape");
  const hssize_t points = H5Sget_simple_extent_npoints(space.id());
  // An attribute of a file of ours is a message of an object header, and so never larger than this.
  constexpr hssize_t kMostValues = 1 << 20;
  if (points < 0 || points > kMostValues) throw Error(where + ": its shape is damaged");
  const auto count = static_cast<std::size_t>(points);
  const bool is_scalar = H5Sget_simple_extent_ndims(space.id()) == 0;
  switch (H5Tget_class(type.id())) {
    case H5T_ENUM: {
      const Hdf5Handle bools = bool_type();
      const auto values = read_values<std::int8_t>(attribute, bools.id(), count, where);
      if (is_scalar) return values.at(0) != 0;
      break;
    }
    case H5T_INTEGER: {
      auto values = read_values<std::int64_t>(attribute, H5T_NATIVE_INT64, count, where);
      if (is_scalar) return values.at(0);
      return values;
    }
    case H5T_FLOAT: {
      auto values = read_values<double>(attribute, H5T_NATIVE_DOUBLE, count, where);
      if (is_scalar) return values.at(0);
      return values;
    }
    case H5T_STRING: {
      if (H5Tis_variable_str(type.id()) <= 0) break;
      auto strings = read_strings(attribute, space.id(), count, where);
      if (is_scalar) return std::move(strings.at(0));
      return strings;
    }
    default: break;
  }
  throw Error(where + ": it is neither a number, nor a bool, nor a string of variable length, nor a list of these");
}

}  // namespace

void Hdf5Group::set_attribute(std::string_view name, const Hdf5Attribute& value, std::string_view path) {
  const std::string place = where(path) + "@" + std::string(name);
  const Opened object(handle_, path, place);
  std::visit(Writer{object.id(), std::string(name), place}, value);
}

std::optional<Hdf5Attribute> Hdf5Group::attribute(std::string_view name, std::string_view path) const {
  const std::string place = where(path) + "@" + std::string(name);
  const Opened object(handle_, path, place);
  const htri_t exists = H5Aexists(object.id(), std::string(name).c_str());
  if (exists < 0) fail(place, "looking for the attribute");
  if (exists == 0) return std::nullopt;
  const Hdf5Handle attribute = checked(H5Aopen(object.id(), std::string(name).c_str(), H5P_DEFAULT), place, "opening the attribute");
  return read_attribute(attribute.id(), place);
}

std::map<std::string, Hdf5Attribute> Hdf5Group::attributes(std::string_view path) const {
  const std::string place = where(path);
  const Opened object(handle_, path, place);
  std::vector<std::string> names;
  check(H5Aiterate2(
            object.id(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr,
            [](hid_t, const char* name, const H5A_info_t*, void* list) -> herr_t {
              static_cast<std::vector<std::string>*>(list)->emplace_back(name);
              return 0;
            },
            &names),
        place, "listing the attributes");
  std::map<std::string, Hdf5Attribute> result;
  for (const std::string& name : names) {
    const Hdf5Handle attribute = checked(H5Aopen(object.id(), name.c_str(), H5P_DEFAULT), place, "opening the attribute");
    result.emplace(name, read_attribute(attribute.id(), place + "@" + name));
  }
  return result;
}

namespace {

template <typename T>
T expect(std::optional<Hdf5Attribute> value, const std::string& where, const char* wanted) {
  if (!value) throw Error(where + ": there is no such attribute");
  if (T* held = std::get_if<T>(&*value)) return std::move(*held);
  throw Error(where + ": it should be " + wanted);
}

}  // namespace

std::string Hdf5Group::string_attribute(std::string_view name) const {
  return expect<std::string>(attribute(name), where() + "@" + std::string(name), "a string");
}

std::int64_t Hdf5Group::integer_attribute(std::string_view name) const {
  return expect<std::int64_t>(attribute(name), where() + "@" + std::string(name), "an integer");
}

double Hdf5Group::float_attribute(std::string_view name) const {
  return expect<double>(attribute(name), where() + "@" + std::string(name), "a float");
}

}  // namespace temper::record
