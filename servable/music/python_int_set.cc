#include "servable/music/python_int_set.h"

#include <utility>

namespace magenta_serving {
namespace {

constexpr size_t kLinearProbes = 9;
constexpr int kPerturbShift = 5;
// Larger sets grow by half as much.
constexpr size_t kLargeSet = 50000;

}  // namespace

PythonIntSet PythonIntSet::FromList(absl::Span<const int64_t> values) {
  PythonIntSet set;
  for (int64_t value : values) set.Add(value);
  return set;
}

PythonIntSet PythonIntSet::PythonCopy() const {
  PythonIntSet copy;
  if (used_ == 0) return copy;
  if (used_ * 5 >= copy.mask() * 3) copy.Resize(used_ * 2);
  if (copy.mask() == mask() && fill_ == used_) return *this;
  for (int64_t value : Values()) copy.table_[copy.Find(value)] = {value, Slot::kUsed};
  copy.fill_ = copy.used_ = used_;
  return copy;
}

PythonIntSet PythonIntSet::Difference(const PythonIntSet& a, const PythonIntSet& b) {
  PythonIntSet difference;
  if (a.size() / 4 > b.size()) {
    difference = a.PythonCopy();
    for (int64_t value : b.Values()) difference.Discard(value);
  } else {
    for (int64_t value : a.Values()) {
      if (!b.Contains(value)) difference.Add(value);
    }
  }
  return difference;
}

void PythonIntSet::Add(int64_t value) {
  Entry& entry = table_[Find(value)];
  if (entry.slot == Slot::kUsed) return;
  entry = {value, Slot::kUsed};
  ++fill_;
  ++used_;
  if (fill_ * 5 >= mask() * 3) Resize(used_ > kLargeSet ? used_ * 2 : used_ * 4);
}

bool PythonIntSet::Contains(int64_t value) const {
  return table_[Find(value)].slot == Slot::kUsed;
}

std::vector<int64_t> PythonIntSet::Values() const {
  std::vector<int64_t> values;
  values.reserve(used_);
  for (const Entry& entry : table_) {
    if (entry.slot == Slot::kUsed) values.push_back(entry.value);
  }
  return values;
}

size_t PythonIntSet::Find(int64_t value) const {
  // Python reserves the hash -1 for errors and hashes -1 as -2.
  size_t perturb = static_cast<size_t>(value == -1 ? -2 : value);
  size_t i = perturb & mask();
  while (true) {
    const size_t probes = i + kLinearProbes <= mask() ? kLinearProbes : 0;
    for (size_t j = i; j <= i + probes; ++j) {
      const Entry& entry = table_[j];
      if (entry.slot == Slot::kFree || (entry.slot == Slot::kUsed && entry.value == value)) {
        return j;
      }
    }
    perturb >>= kPerturbShift;
    i = (i * 5 + 1 + perturb) & mask();
  }
}

void PythonIntSet::Discard(int64_t value) {
  Entry& entry = table_[Find(value)];
  if (entry.slot != Slot::kUsed) return;
  entry.slot = Slot::kDiscarded;
  --used_;
}

void PythonIntSet::Resize(size_t min_used) {
  size_t size = kMinSize;
  while (size <= min_used) size *= 2;
  std::vector<Entry> old(size);
  old.swap(table_);
  for (const Entry& entry : old) {
    if (entry.slot == Slot::kUsed) table_[Find(entry.value)] = entry;
  }
  fill_ = used_;
}

}  // namespace magenta_serving
