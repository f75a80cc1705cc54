#include "servable/generation/primer_injection.h"

#include <utility>

#include "servable/base/status.h"

namespace magenta_serving {

PrimerInjection::PrimerInjection(PolyphonicSequence primer, int64_t first_step)
    : primer_(std::move(primer)), first_step_(first_step), step_begins_({1}) {
  for (int i = 1; i < primer_.size(); ++i) {
    if (primer_.events()[i].type == PolyphonicEvent::kStepEnd) step_begins_.push_back(i + 1);
  }
}

absl::Status PrimerInjection::Apply(PolyphonicSequence& sequence) const {
  const PolyphonicEvent::Type last = sequence.events().back().type;
  const bool at_beginning = last == PolyphonicEvent::kStepEnd || sequence.size() == 1;
  if (!at_beginning) return absl::OkStatus();
  const int64_t step = sequence.num_steps() - first_step_;
  if (step < 0 || step >= static_cast<int64_t>(step_begins_.size())) return absl::OkStatus();
  const std::vector<PolyphonicEvent>& events = primer_.events();
  for (size_t i = step_begins_[step];
       i < events.size() && events[i].type != PolyphonicEvent::kStepEnd; ++i) {
    MS_RETURN_IF_ERROR(sequence.Append(events[i]));
  }
  return absl::OkStatus();
}

}  // namespace magenta_serving
