#include "servable/encoding/performance_one_hot_encoding.h"

#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/music/note_sequence.h"
#include "servable/music/performance.h"

namespace magenta_serving {
namespace {

constexpr int kFirstNoteOff = kNumMidiPitches;
constexpr int kFirstTimeShift = kFirstNoteOff + kNumMidiPitches;
constexpr int kFirstVelocity = kFirstTimeShift + kMaxShiftSteps;

}  // namespace

int PerformanceOneHotEncoding::num_classes() const { return kFirstVelocity + num_velocity_bins_; }

PerformanceEvent PerformanceOneHotEncoding::default_event() const {
  return {PerformanceEvent::kTimeShift, kMaxShiftSteps};
}

absl::StatusOr<int> PerformanceOneHotEncoding::EncodeEvent(const PerformanceEvent& event) const {
  const int value = static_cast<int>(event.value);
  switch (event.type) {
    case PerformanceEvent::kNoteOn:
      return value;
    case PerformanceEvent::kNoteOff:
      return kFirstNoteOff + value;
    case PerformanceEvent::kTimeShift:
      return kFirstTimeShift + value - 1;
    case PerformanceEvent::kVelocity:
      if (num_velocity_bins_ > 0) return kFirstVelocity + value - 1;
      break;
    case PerformanceEvent::kDuration:
      break;
  }
  return MagentaError("ValueError", absl::StrCat("Unknown event type: ", event.type));
}

absl::StatusOr<PerformanceEvent> PerformanceOneHotEncoding::DecodeEvent(int index) const {
  if (index < 0 || index >= num_classes()) {
    return MagentaError("ValueError", absl::StrCat("Unknown event index: ", index));
  }
  if (index < kFirstNoteOff) return PerformanceEvent{PerformanceEvent::kNoteOn, index};
  if (index < kFirstTimeShift) {
    return PerformanceEvent{PerformanceEvent::kNoteOff, index - kFirstNoteOff};
  }
  if (index < kFirstVelocity) {
    return PerformanceEvent{PerformanceEvent::kTimeShift, index - kFirstTimeShift + 1};
  }
  return PerformanceEvent{PerformanceEvent::kVelocity, index - kFirstVelocity + 1};
}

}  // namespace magenta_serving
