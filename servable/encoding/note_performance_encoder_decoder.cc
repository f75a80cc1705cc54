#include "servable/encoding/note_performance_encoder_decoder.h"

#include <algorithm>
#include <numeric>

#include "servable/base/status.h"

namespace magenta_serving {
namespace {

// The divisors that make the sum of segments and steps in a segment least. Time shifts start at 0,
// durations at 1.
constexpr int kShiftSegments = 13;
constexpr int kShiftSegmentSteps = 77;
constexpr int kDurationSegments = 25;
constexpr int kDurationSegmentSteps = 40;
static_assert(kShiftSegments * kShiftSegmentSteps == kMaxNoteShiftSteps + 1);
static_assert(kDurationSegments * kDurationSegmentSteps == kMaxNoteDurationSteps);

NotePerformanceLabel LabelOf(const NotePerformanceEvent& event) {
  const int duration = event.duration - 1;
  return {event.time_shift / kShiftSegmentSteps,
          event.time_shift % kShiftSegmentSteps,
          event.pitch,
          event.velocity_bin - 1,
          duration / kDurationSegmentSteps,
          duration % kDurationSegmentSteps};
}

}  // namespace

int NotePerformanceEncoderDecoder::input_size() const {
  const NotePerformanceLabel sizes = num_classes();
  return std::accumulate(sizes.begin(), sizes.end(), 0);
}

NotePerformanceLabel NotePerformanceEncoderDecoder::num_classes() const {
  return {kShiftSegments,     kShiftSegmentSteps, kNumMidiPitches,
          num_velocity_bins_, kDurationSegments,  kDurationSegmentSteps};
}

NotePerformanceLabel NotePerformanceEncoderDecoder::default_event_label() const {
  return LabelOf(NotePerformanceEvent());
}

absl::Status NotePerformanceEncoderDecoder::EventsToInput(
    absl::Span<const NotePerformanceEvent> events, int position, absl::Span<float> input) const {
  MS_ASSIGN_OR_RETURN(const NotePerformanceLabel label, EventsToLabel(events, position));
  const NotePerformanceLabel sizes = num_classes();
  std::fill(input.begin(), input.end(), 0.0f);
  int offset = 0;
  for (size_t i = 0; i < label.size(); ++i) {
    if (label[i] >= sizes[i]) {
      return MagentaError("IndexError", "list assignment index out of range");
    }
    input[offset + label[i]] = 1.0f;
    offset += sizes[i];
  }
  return absl::OkStatus();
}

absl::StatusOr<NotePerformanceLabel> NotePerformanceEncoderDecoder::EventsToLabel(
    absl::Span<const NotePerformanceEvent> events, int position) const {
  MS_RETURN_IF_ERROR(CheckPosition(events, position));
  return LabelOf(events[position]);
}

absl::StatusOr<NotePerformanceEvent> NotePerformanceEncoderDecoder::ClassIndexToEvent(
    NotePerformanceLabel class_index, absl::Span<const NotePerformanceEvent> events) const {
  NotePerformanceEvent event;
  event.time_shift = class_index[0] * kShiftSegmentSteps + class_index[1];
  event.pitch = class_index[2];
  event.velocity_bin = class_index[3] + 1;
  event.duration = class_index[4] * kDurationSegmentSteps + class_index[5] + 1;
  return event;
}

}  // namespace magenta_serving
