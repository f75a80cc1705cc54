#include "servable/generation/beam_search.h"

#include <algorithm>
#include <utility>

#include "servable/base/status.h"

namespace magenta_serving {
namespace {

// Python's % and //, which round towards minus infinity.
int64_t FloorMod(int64_t a, int64_t b) { return ((a % b) + b) % b; }
int64_t FloorDiv(int64_t a, int64_t b) { return (a - FloorMod(a, b)) / b; }

// Entries e0..ek become e0..ek, e0..ek, ... (`branch_factor` times), each copied even where one
// would do: copying may change a track.
std::vector<BeamEntry> Branch(std::vector<BeamEntry> entries, int branch_factor) {
  if (branch_factor <= 1) return entries;
  std::vector<BeamEntry> branches;
  branches.reserve(entries.size() * branch_factor);
  for (int i = 0; i < branch_factor; ++i) {
    for (const BeamEntry& entry : entries) branches.push_back(entry.DeepCopy());
  }
  return branches;
}

// Keeps the `count` highest scores, highest first, equal ones in their order.
void Prune(std::vector<BeamEntry>& entries, int count) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const BeamEntry& a, const BeamEntry& b) { return a.score > b.score; });
  if (entries.size() > static_cast<size_t>(count))
    entries.erase(entries.begin() + count, entries.end());
}

}  // namespace

absl::StatusOr<BeamEntry> BeamSearch(const BeamEntry& initial, int64_t num_steps,
                                     const BeamSearchOptions& options, const StepFunction& step) {
  if (options.steps_per_iteration == 0)
    return MagentaError("ZeroDivisionError", "integer modulo by zero");
  if (options.beam_size < 1) return MagentaError("IndexError", "list index out of range");
  std::vector<BeamEntry> entries;
  for (int i = 0; i < options.beam_size; ++i) entries.push_back(initial.DeepCopy());

  // The first iteration is the short one.
  const int64_t steps_per_iteration = options.steps_per_iteration;
  const int64_t first_steps = FloorMod(num_steps - 1, steps_per_iteration) + 1;
  const int64_t iterations = FloorDiv(num_steps - first_steps, steps_per_iteration);
  const auto iterate = [&](int64_t steps) -> absl::Status {
    entries = Branch(std::move(entries), options.branch_factor);
    for (int64_t i = 0; i < steps; ++i) MS_RETURN_IF_ERROR(step(entries));
    return absl::OkStatus();
  };
  MS_RETURN_IF_ERROR(iterate(first_steps));
  for (int64_t iteration = 0; iteration < iterations; ++iteration) {
    Prune(entries, options.beam_size);
    MS_RETURN_IF_ERROR(iterate(steps_per_iteration));
  }
  Prune(entries, 1);
  return std::move(entries[0]);
}

}  // namespace magenta_serving
