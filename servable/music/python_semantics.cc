#include "servable/music/python_semantics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace magenta_serving {
namespace {

// CPython sorts lists shorter than this by one binary insertion sort.
constexpr size_t kMinMerge = 64;

// Sorts as CPython does below kMinMerge keys: the longest ascending or strictly descending start is
// taken as one run, and each further key is inserted into it by bisection.
void InsertionSort(absl::Span<const double> keys, std::vector<int>& order) {
  const size_t n = order.size();
  if (n < 2) return;
  size_t run = 2;
  if (keys[1] < keys[0]) {
    while (run < n && keys[run] < keys[run - 1]) ++run;
    std::reverse(order.begin(), order.begin() + run);
  } else {
    while (run < n && !(keys[run] < keys[run - 1])) ++run;
  }
  for (; run < n; ++run) {
    const int pivot = order[run];
    size_t left = 0;
    size_t right = run;
    while (left < right) {
      const size_t middle = left + (right - left) / 2;
      if (keys[pivot] < keys[order[middle]]) {
        right = middle;
      } else {
        left = middle + 1;
      }
    }
    std::rotate(order.begin() + left, order.begin() + run, order.begin() + run + 1);
  }
}

}  // namespace

std::vector<int> PythonSortedOrder(absl::Span<const double> keys) {
  std::vector<int> order(keys.size());
  std::iota(order.begin(), order.end(), 0);
  if (order.size() < kMinMerge) {
    InsertionSort(keys, order);
  } else {
    std::stable_sort(order.begin(), order.end(), [keys](int a, int b) {
      if (std::isnan(keys[a]) || std::isnan(keys[b])) {
        return std::isnan(keys[b]) && !std::isnan(keys[a]);
      }
      return keys[a] < keys[b];
    });
  }
  return order;
}

}  // namespace magenta_serving
