#include "fuzz/checkpoint_mutation.h"

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  magenta_serving::Random random(seed);
  const std::string mutated = magenta_serving::MutateCheckpoint(
      std::string(reinterpret_cast<const char*>(data), size), random);
  if (mutated.size() > max_size) return size;
  return mutated.copy(reinterpret_cast<char*>(data), mutated.size());
}
