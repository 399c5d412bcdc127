# liblbfgs: the optimiser. It brings no pkg-config file.
find_path(LBFGS_INCLUDE_DIRECTORY lbfgs.h REQUIRED)
find_library(LBFGS_LIBRARY lbfgs REQUIRED)
target_include_directories(${plugin} PRIVATE ${LBFGS_INCLUDE_DIRECTORY})
target_link_libraries(${plugin} PRIVATE ${LBFGS_LIBRARY})
