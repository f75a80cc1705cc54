#include "servable/music/performance_event.h"

#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/music/note_sequence.h"
#include "servable/music/python_semantics.h"

namespace magenta_serving {
namespace {

constexpr int kMaxVelocityBins = kMaxMidiVelocity - kMinMidiVelocity + 1;

// The last bin may be smaller.
int VelocityBinSize(int num_velocity_bins) {
  return (kMaxVelocityBins + num_velocity_bins - 1) / num_velocity_bins;
}

}  // namespace

absl::StatusOr<PerformanceEvent> PerformanceEvent::Create(Type type, int64_t value) {
  const auto invalid = [value](const char* what) {
    return MagentaError("ValueError", absl::StrCat("Invalid ", what, " value: ", value));
  };
  switch (type) {
    case kNoteOn:
    case kNoteOff:
      if (value < kMinMidiPitch || value > kMaxMidiPitch) return invalid("pitch");
      break;
    case kTimeShift:
      if (value < 0) return invalid("time shift");
      break;
    case kDuration:
      if (value < 1) return invalid("duration");
      break;
    case kVelocity:
      if (value < 1 || value > kMaxVelocityBins) return invalid("velocity");
      break;
  }
  return PerformanceEvent{type, value};
}

int64_t VelocityToBin(int64_t velocity, int num_velocity_bins) {
  const int64_t above_lowest = velocity - kMinMidiVelocity;
  const int size = VelocityBinSize(num_velocity_bins);
  return (above_lowest - FloorMod(above_lowest, size)) / size + 1;
}

int64_t VelocityBinToVelocity(int64_t velocity_bin, int num_velocity_bins) {
  return kMinMidiVelocity + (velocity_bin - 1) * VelocityBinSize(num_velocity_bins);
}

}  // namespace magenta_serving
