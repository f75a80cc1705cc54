// Behaviours of CPython that results of Magenta depend on.
#ifndef MAGENTA_SERVING_MUSIC_PYTHON_SEMANTICS_H_
#define MAGENTA_SERVING_MUSIC_PYTHON_SEMANTICS_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace magenta_serving {

// a % b of Python's integers: the result has the sign of b. b must not be 0.
inline int64_t FloorMod(int64_t a, int64_t b) {
  if (b == -1) return 0;  // INT64_MIN % -1 overflows in C++
  const int64_t remainder = a % b;
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

// The indices of `keys` in the order of sorted(..., key=...): ascending and stable. A NaN compares
// false with everything, so that where it lands depends on the sorting algorithm: CPython's is
// followed for fewer than 64 keys (one binary insertion sort); in longer lists NaNs go last.
std::vector<int> PythonSortedOrder(absl::Span<const double> keys);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_PYTHON_SEMANTICS_H_
