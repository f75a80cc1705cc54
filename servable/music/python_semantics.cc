#include "servable/music/python_semantics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>

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

// The open-addressing table behind CPython's set, for integers whose hash is their value.
class IntSet {
 public:
  IntSet() : table_(8) {}

  void Add(int64_t value) {
    std::optional<int64_t>& slot = Find(value);
    if (slot.has_value()) return;
    slot = value;
    ++used_;
    const size_t mask = table_.size() - 1;
    if (used_ * 5 >= mask * 3) Resize(used_ > 50000 ? used_ * 2 : used_ * 4);
  }

  std::vector<int64_t> Values() const {
    std::vector<int64_t> values;
    values.reserve(used_);
    for (const std::optional<int64_t>& slot : table_) {
      if (slot.has_value()) values.push_back(*slot);
    }
    return values;
  }

 private:
  static constexpr size_t kLinearProbes = 9;
  static constexpr int kPerturbShift = 5;

  // The slot that holds `value` or, where there is none, the slot to put it in.
  std::optional<int64_t>& Find(int64_t value) {
    const size_t mask = table_.size() - 1;
    // Python reserves the hash -1 for errors and hashes -1 as -2.
    size_t perturb = static_cast<size_t>(value == -1 ? -2 : value);
    size_t i = perturb & mask;
    while (true) {
      const size_t probes = i + kLinearProbes <= mask ? kLinearProbes : 0;
      for (size_t j = i; j <= i + probes; ++j) {
        if (!table_[j].has_value() || *table_[j] == value) return table_[j];
      }
      perturb >>= kPerturbShift;
      i = (i * 5 + 1 + perturb) & mask;
    }
  }

  void Resize(size_t min_used) {
    size_t size = 8;
    while (size <= min_used) size *= 2;
    std::vector<std::optional<int64_t>> old(size);
    old.swap(table_);
    for (const std::optional<int64_t>& slot : old) {
      if (slot.has_value()) Find(*slot) = slot;
    }
  }

  std::vector<std::optional<int64_t>> table_;
  size_t used_ = 0;
};

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

std::vector<int64_t> PythonSetOrder(absl::Span<const int64_t> values) {
  IntSet set;
  for (int64_t value : values) set.Add(value);
  return set.Values();
}

}  // namespace magenta_serving
