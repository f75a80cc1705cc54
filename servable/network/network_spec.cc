#include "servable/network/network_spec.h"

#include <numeric>

namespace magenta_serving {

int SizeOf(const Slices& slices) {
  return std::accumulate(slices.begin(), slices.end(), 0,
                         [](int sum, const Slice& slice) { return sum + slice.size; });
}

}  // namespace magenta_serving
