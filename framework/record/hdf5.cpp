// Files and groups of the HDF5 wrapper. Files are built in memory and written by plain system calls, so that a full disk is an
// error of ours with its reason: the library itself cannot close a file that it could not write.
#include "record/hdf5.h"

#include <malloc.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstddef>

#include <temper/error.h>

#include "record/hdf5_library.h"
#include "record/sealed_file.h"

namespace temper::record {

namespace {

// The innermost entry of the error stack says most: "unable to open file: ..., error message = 'No such file or directory'".
std::string library_reason() {
  std::string reason;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned depth, const H5E_error2_t* entry, void* text) -> herr_t {
        auto& result = *static_cast<std::string*>(text);
        if (depth == 0 && entry->desc) result = entry->desc;
        return 0;
      },
      &reason);
  H5Eclear2(H5E_DEFAULT);
  return reason.empty() ? "the HDF5 library gives no reason" : reason;
}

// The library prints each error by default; that is for `cli` to do.
void be_quiet() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

// Object headers with checksums, small groups; the format of HDF5 1.8, which every reader of today knows.
Hdf5Handle access_list(const std::string& where) {
  Hdf5Handle list = checked(H5Pcreate(H5P_FILE_ACCESS), where, "making a property list");
  check(H5Pset_libver_bounds(list.id(), H5F_LIBVER_V18, H5F_LIBVER_V110), where, "choosing the format");
  // Readers and writers never meet in one file (it is replaced, not changed), and locks fail on some network file systems.
  check(H5Pset_file_locking(list.id(), false, true), where, "switching locks off");
  return list;
}

Hdf5Handle group_list(const std::string& where, Hdf5Group::Order order) {
  Hdf5Handle list = checked(H5Pcreate(H5P_GROUP_CREATE), where, "making a property list");
  check(H5Pset_obj_track_times(list.id(), false), where, "switching times off");  // two runs shall write the same
  check(H5Pset_attr_phase_change(list.id(), 4096, 4000), where, "setting a limit");
  check(H5Pset_link_phase_change(list.id(), 64, 48), where, "setting a limit");
  if (order == Hdf5Group::Order::kAsCreated)
    check(H5Pset_link_creation_order(list.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED), where, "keeping the order");
  return list;
}

}  // namespace

Hdf5Handle checked(hid_t id, const std::string& where, const char* doing) {
  if (id < 0) fail(where, doing);
  return Hdf5Handle(id);
}

void check(herr_t status, const std::string& where, const char* doing) {
  if (status < 0) fail(where, doing);
}

void fail(const std::string& where, const char* doing) {
  throw Error(where + ": " + doing + " failed: " + library_reason());
}

Hdf5Handle string_type() {
  Hdf5Handle type = checked(H5Tcopy(H5T_C_S1), "string type", "copying");
  check(H5Tset_size(type.id(), H5T_VARIABLE), "string type", "setting its size");
  check(H5Tset_cset(type.id(), H5T_CSET_UTF8), "string type", "setting its encoding");
  return type;
}

Hdf5Handle bool_type() {
  Hdf5Handle type = checked(H5Tenum_create(H5T_NATIVE_INT8), "bool type", "making");
  const std::int8_t no = 0, yes = 1;
  check(H5Tenum_insert(type.id(), "FALSE", &no), "bool type", "naming");
  check(H5Tenum_insert(type.id(), "TRUE", &yes), "bool type", "naming");
  return type;
}

std::string storable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(bytes + i, static_cast<utf8proc_ssize_t>(text.size() - i), &code);
    if (length < 1) {
      result += "\xEF\xBF\xBD";
      ++i;
    } else if (code == 0) {
      result += "\xE2\x90\x80";
      ++i;
    } else {
      result.append(text, i, static_cast<std::size_t>(length));
      i += static_cast<std::size_t>(length);
    }
  }
  return result;
}

Hdf5Handle& Hdf5Handle::operator=(Hdf5Handle&& other) noexcept {
  std::swap(id_, other.id_);
  return *this;
}

Hdf5Handle::~Hdf5Handle() {
  if (id_ >= 0) H5Idec_ref(id_);
}

std::string Hdf5Group::where(std::string_view member) const {
  if (member.empty() || member == ".") return file_ + ": " + path_;
  return file_ + ": " + path_ + (path_ == "/" ? "" : "/") + std::string(member);
}

namespace {

std::string join(const std::string& path, std::string_view member) {
  if (member.empty() || member == ".") return path;
  return path + (path == "/" ? "" : "/") + std::string(member);
}

}  // namespace

Hdf5Group Hdf5Group::create_group(std::string_view path, Order order) {
  const std::size_t slash = path.find('/');
  const std::string first(path.substr(0, slash));
  Hdf5Group child = [&] {
    if (has(first)) return group(first);
    const std::string place = where(first);
    const Hdf5Handle list = group_list(place, order);
    return Hdf5Group(checked(H5Gcreate2(handle_.id(), first.c_str(), H5P_DEFAULT, list.id(), H5P_DEFAULT), place, "creating the group"),
                     file_, join(path_, first));
  }();
  if (slash == std::string_view::npos) return child;
  return child.create_group(path.substr(slash + 1), order);
}

Hdf5Group Hdf5Group::group(std::string_view path) const {
  if (!has(path)) throw Error(where(path) + ": there is no such group");
  return Hdf5Group(checked(H5Gopen2(handle_.id(), std::string(path).c_str(), H5P_DEFAULT), where(path), "opening the group"), file_,
                   join(path_, path));
}

bool Hdf5Group::has(std::string_view path) const {
  // The library asks for each part to be looked up in turn: a part that lacks is an error to it, not an answer.
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = path.find('/', end + 1);
    const std::string part(path.substr(0, end));
    if (part.empty() || part == ".") continue;
    const htri_t exists = H5Lexists(handle_.id(), part.c_str(), H5P_DEFAULT);
    if (exists < 0) {
      H5Eclear2(H5E_DEFAULT);
      return false;
    }
    if (exists == 0) return false;
  }
  return true;
}

bool Hdf5Group::has_group(std::string_view path) const {
  if (!has(path)) return false;
  const Hdf5Handle object(H5Oopen(handle_.id(), std::string(path).c_str(), H5P_DEFAULT));
  const bool is_group = object && H5Iget_type(object.id()) == H5I_GROUP;
  H5Eclear2(H5E_DEFAULT);
  return is_group;
}

std::vector<std::string> Hdf5Group::names() const {
  std::vector<std::string> result;
  check(H5Literate(
            handle_.id(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr,
            [](hid_t, const char* name, const H5L_info_t*, void* names) -> herr_t {
              static_cast<std::vector<std::string>*>(names)->emplace_back(name);
              return 0;
            },
            &result),
        where(), "listing the group");
  std::sort(result.begin(), result.end());
  return result;
}

void Hdf5Group::remove(std::string_view path) {
  check(H5Ldelete(handle_.id(), std::string(path).c_str(), H5P_DEFAULT), where(path), "removing");
}

void Hdf5Group::copy_from(const Hdf5Group& source, std::string_view from, std::string_view to) {
  if (!source.has(from)) throw Error(source.where(from) + ": there is no such group");
  check(H5Ocopy(source.handle_.id(), std::string(from).c_str(), handle_.id(), std::string(to).c_str(), H5P_DEFAULT, H5P_DEFAULT),
        source.where(from), "copying");
}

Hdf5File Hdf5File::open(const std::filesystem::path& file) {
  be_quiet();
  const std::string name = file.string();
  std::error_code error;
  if (!std::filesystem::exists(file, error)) throw Error(name + ": there is no such file");
  check_seal(file);
  const Hdf5Handle list = access_list(name);
  const Hdf5Handle opened(H5Fopen(name.c_str(), H5F_ACC_RDONLY, list.id()));
  if (!opened) throw Error(name + ": it cannot be read as an HDF5 file: " + library_reason(), "it may be cut short, damaged, or of another kind");
  // The root group keeps the file open; closing the group closes both.
  return Hdf5File(checked(H5Gopen2(opened.id(), "/", H5P_DEFAULT), name, "opening the file's root"), name);
}

void write_hdf5(const std::filesystem::path& file, const std::function<void(Hdf5Group&)>& fill) {
  be_quiet();
  const std::string name = file.string();
  constexpr std::size_t kIncrement = 1 << 16;  // bytes by which the image in memory grows; a trial's record takes one or two, and each is cleared first
  const Hdf5Handle access = access_list(name);
  check(H5Pset_fapl_core(access.id(), kIncrement, false), name, "choosing memory");
  const Hdf5Handle creation = checked(H5Pcreate(H5P_FILE_CREATE), name, "making a property list");
  check(H5Pset_obj_track_times(creation.id(), false), name, "switching times off");
  const Hdf5Handle image = checked(H5Fcreate(name.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()), name, "making the file's image");
  {
    Hdf5Group root(checked(H5Gopen2(image.id(), "/", H5P_DEFAULT), name, "opening the file's root"), name, "/");
    fill(root);
  }
  check(H5Fflush(image.id(), H5F_SCOPE_GLOBAL), name, "completing the file's image");
  const ssize_t size = H5Fget_file_image(image.id(), nullptr, 0);
  if (size < 0) fail(name, "measuring the file's image");
  void** memory = nullptr;  // of the image itself: no second copy of it is made
  check(H5Fget_vfd_handle(image.id(), H5P_DEFAULT, reinterpret_cast<void**>(&memory)), name, "finding the file's image");
  write_sealed_file(file, {static_cast<const char*>(*memory), static_cast<std::size_t>(size)});
}

void give_memory_back() {
  H5garbage_collect();
  ::malloc_trim(0);
}

}  // namespace temper::record
