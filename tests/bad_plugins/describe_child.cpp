// Stands in for `temper-worker describe LIBRARY...`: the same function in a program without torch.
#include "registry/description.h"

int main(int argc, char** argv) {
  return temper::registry::describe_main({argv + std::min(argc, 2), argv + argc});
}
