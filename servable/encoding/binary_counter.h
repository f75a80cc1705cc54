// The metric position that lookback encodings feed as bits.
#ifndef MAGENTA_SERVING_ENCODING_BINARY_COUNTER_H_
#define MAGENTA_SERVING_ENCODING_BINARY_COUNTER_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"

namespace magenta_serving {

// Writes the lowest bits.size() bits of n >= 0 as 1 and -1, the least significant first.
inline void WriteBinaryCounter(int64_t n, absl::Span<float> bits) {
  for (size_t i = 0; i < bits.size(); ++i) {
    bits[i] = i < 63 && ((n >> i) & 1) != 0 ? 1.0f : -1.0f;
  }
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_BINARY_COUNTER_H_
