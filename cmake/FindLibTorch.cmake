# Finds libtorch in one folder, without the wheel's own TorchConfig (which looks for CUDA toolkits and may mix in another
# libtorch of the system).
#   TEMPER_TORCH      the "torch" folder of a wheel, or an unpacked libtorch; also read from the environment. Otherwise the
#                     torch that python3 would import, otherwise the one that scripts/setup put into .deps/python.
# Gives LibTorch::LibTorch, LibTorch_VERSION, LibTorch_ROOT, LibTorch_CUDA.
include(FindPackageHandleStandardArgs)

function(_temper_is_torch folder result)
  if(EXISTS "${folder}/lib/libtorch_cpu.so" AND EXISTS "${folder}/include/ATen/ATen.h")
    set(${result} TRUE PARENT_SCOPE)
  else()
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

function(_temper_torch_version folder result)
  set(version "")
  foreach(header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(NOT version AND EXISTS "${folder}/include/${header}")
      file(STRINGS "${folder}/include/${header}" lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
      foreach(part MAJOR MINOR PATCH)
        foreach(line IN LISTS lines)
          if(line MATCHES "TORCH_VERSION_${part} +([0-9]+)")
            list(APPEND version "${CMAKE_MATCH_1}")
          endif()
        endforeach()
      endforeach()
    endif()
  endforeach()
  string(REPLACE ";" "." version "${version}")
  set(${result} "${version}" PARENT_SCOPE)
endfunction()

if(NOT TEMPER_TORCH AND DEFINED ENV{TEMPER_TORCH})
  set(TEMPER_TORCH "$ENV{TEMPER_TORCH}")
endif()
if(NOT TEMPER_TORCH)
  find_program(_temper_python NAMES python3)
  if(_temper_python)  # asks where torch lies without importing it, which would take seconds
    execute_process(COMMAND "${_temper_python}" -c
      "import importlib.util,os; s=importlib.util.find_spec('torch'); print(os.path.dirname(s.origin) if s and s.origin else '')"
      OUTPUT_VARIABLE _candidate OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    _temper_is_torch("${_candidate}" _ok)
    _temper_torch_version("${_candidate}" _version)
    if(_ok AND NOT _version VERSION_LESS LibTorch_FIND_VERSION)
      set(TEMPER_TORCH "${_candidate}")
    endif()
  endif()
endif()
if(NOT TEMPER_TORCH)
  file(GLOB _candidates "${CMAKE_CURRENT_LIST_DIR}/../.deps/python/lib/python*/site-packages/torch")
  foreach(_candidate IN LISTS _candidates)
    _temper_is_torch("${_candidate}" _ok)
    if(_ok)
      set(TEMPER_TORCH "${_candidate}")
    endif()
  endforeach()
endif()
set(TEMPER_TORCH "${TEMPER_TORCH}" CACHE PATH "the torch folder of a wheel, or an unpacked libtorch" FORCE)

_temper_is_torch("${TEMPER_TORCH}" _ok)
if(_ok)
  set(LibTorch_ROOT "${TEMPER_TORCH}")
  _temper_torch_version("${TEMPER_TORCH}" LibTorch_VERSION)
endif()
find_package_handle_standard_args(LibTorch REQUIRED_VARS LibTorch_ROOT VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "set TEMPER_TORCH to the torch folder of a wheel, or run scripts/setup")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  set(_lib "${LibTorch_ROOT}/lib")
  set(LibTorch_CUDA OFF)
  target_link_libraries(LibTorch::LibTorch INTERFACE "${_lib}/libtorch.so" "${_lib}/libtorch_cpu.so" "${_lib}/libc10.so")
  if(EXISTS "${_lib}/libtorch_cuda.so")
    set(LibTorch_CUDA ON)
    # Nothing refers to torch_cuda by symbol: it registers its kernels as it is loaded, so the linker must keep it.
    target_link_libraries(LibTorch::LibTorch INTERFACE
      -Wl,--no-as-needed "${_lib}/libtorch_cuda.so" "${_lib}/libc10_cuda.so" -Wl,--as-needed)
    target_link_options(LibTorch::LibTorch INTERFACE -Wl,--allow-shlib-undefined)
  endif()
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    "${LibTorch_ROOT}/include" "${LibTorch_ROOT}/include/torch/csrc/api/include")
  # DT_RPATH rather than DT_RUNPATH: it also holds for libgomp and for what plugins load.
  target_link_options(LibTorch::LibTorch INTERFACE "-Wl,-rpath,${_lib}" -Wl,--disable-new-dtags)
endif()
