// Checkpoints: what is taken can be read.
#include <cstdint>
#include <cstdlib>

#include "servable/checkpoint/checkpoint.h"

namespace magenta_serving {
namespace {

void Read(absl::string_view bytes) {
  const absl::StatusOr<Checkpoint> checkpoint = Checkpoint::Open(bytes);
  if (!checkpoint.ok()) return;
  for (const auto& [name, variable] : checkpoint->variables()) {
    const absl::StatusOr<Weights> weights = checkpoint->Read(name);
    if (weights.ok() != (variable.dtype == tensorflow::DT_FLOAT)) std::abort();
    if (weights.ok() && weights->values.size() != variable.shape.num_elements()) std::abort();
  }
}

}  // namespace
}  // namespace magenta_serving

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  magenta_serving::Read({reinterpret_cast<const char*>(data), size});
  return 0;
}
