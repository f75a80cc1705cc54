// Serialized GeneratorOptions, as each family follows them after a primer of one note.
#include <cstdint>

#include "fuzz/generators.h"
#include "servable/generation/test_util/requests.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  magenta_serving::GeneratorOptions options;
  if (!options.ParseFromArray(data, static_cast<int>(size))) return 0;
  for (const auto& generator : magenta_serving::Generators()) {
    (void)magenta_serving::Generate(*generator, magenta_serving::MiddleC(), options,
                                    magenta_serving::SmallContext());
  }
  return 0;
}
