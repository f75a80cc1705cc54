// CPython's set of integers, for results of Magenta that depend on the order in which a set is
// iterated.
#ifndef MAGENTA_SERVING_MUSIC_PYTHON_INT_SET_H_
#define MAGENTA_SERVING_MUSIC_PYTHON_INT_SET_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace magenta_serving {

// The open-addressing table behind set and frozenset. Where a value lies, and so when it is
// iterated, depends on what was added before and on how the set was made. The hash of an integer is
// its value.
class PythonIntSet {
 public:
  PythonIntSet() : table_(kMinSize) {}

  // set(list), set(tuple), set(generator): the values are added one after another.
  static PythonIntSet FromList(absl::Span<const int64_t> values);

  // set.copy(), set(set).
  PythonIntSet PythonCopy() const;

  // a - b.
  static PythonIntSet Difference(const PythonIntSet& a, const PythonIntSet& b);

  void Add(int64_t value);
  bool Contains(int64_t value) const;
  size_t size() const { return used_; }

  // In the order of iteration.
  std::vector<int64_t> Values() const;

 private:
  static constexpr size_t kMinSize = 8;

  enum class Slot : uint8_t { kFree, kUsed, kDiscarded };
  struct Entry {
    int64_t value = 0;
    Slot slot = Slot::kFree;
  };

  size_t mask() const { return table_.size() - 1; }
  // The index of the entry that holds `value` or, where there is none, of the free one that ends
  // the search for it.
  size_t Find(int64_t value) const;
  // Takes `value` out; its entry stays occupied. Only for a set that nothing is added to any more.
  void Discard(int64_t value);
  // Moves the values to a table of more than `min_used` entries.
  void Resize(size_t min_used);

  std::vector<Entry> table_;
  size_t fill_ = 0;  // entries that are not free
  size_t used_ = 0;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_PYTHON_INT_SET_H_
