// The sum of tables' blocks.
#ifndef MAGENTA_SERVING_CHECKPOINT_CRC32C_H_
#define MAGENTA_SERVING_CHECKPOINT_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace magenta_serving {

// CRC-32C, with the processor's own instruction where it has one: TensorFlow's build of Abseil does
// without, and takes as long for a checkpoint as everything else of reading it.
uint32_t Crc32c(absl::string_view bytes);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_CHECKPOINT_CRC32C_H_
