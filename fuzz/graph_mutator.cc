#include "fuzz/graph_mutation.h"

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  return magenta_serving::MutateMessage(data, size, max_size, seed, magenta_serving::MutateGraph);
}
