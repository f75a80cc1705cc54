#include "servable/encoding/modulo_performance_encoder_decoder.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/music/note_sequence.h"
#include "servable/music/performance.h"

namespace magenta_serving {
namespace {

constexpr int kNoteOnOffset = 0;
constexpr int kNoteOffOffset = 5;
constexpr int kTimeShiftOffset = 10;
constexpr int kVelocityOffset = 13;
constexpr int kVelocityWidth = 3;

// The angle is computed in double, in Python's order for each circle.
void WriteAngle(double angle, float* cosine_and_sine) {
  cosine_and_sine[0] = static_cast<float>(std::cos(angle));
  cosine_and_sine[1] = static_cast<float>(std::sin(angle));
}

void WriteNote(int64_t pitch, float* group) {
  group[0] = 1.0f;
  WriteAngle(pitch * M_PI / 72.0, group + 1);
  WriteAngle((pitch % kNotesPerOctave) * M_PI / 6.0, group + 3);
}

// `value` of `count` on a circle.
absl::Status WriteBin(const char* what, int64_t value, int count, float* group) {
  if (value < 0 || value >= count) {
    return MagentaError("ValueError", absl::StrCat("Unexpected ", what, " value: ", value));
  }
  group[0] = 1.0f;
  WriteAngle(value * 2.0 * M_PI / count, group + 1);
  return absl::OkStatus();
}

}  // namespace

int ModuloPerformanceEncoderDecoder::input_size() const {
  return kVelocityOffset + (num_velocity_bins_ > 0 ? kVelocityWidth : 0);
}

int ModuloPerformanceEncoderDecoder::num_classes() const { return one_hot_encoding_.num_classes(); }

int ModuloPerformanceEncoderDecoder::default_event_label() const {
  return one_hot_encoding_.EncodeEvent(one_hot_encoding_.default_event()).value();
}

absl::Status ModuloPerformanceEncoderDecoder::EventsToInput(
    absl::Span<const PerformanceEvent> events, int position, absl::Span<float> input) const {
  MS_RETURN_IF_ERROR(CheckPosition(events, position));
  std::fill(input.begin(), input.end(), 0.0f);
  const PerformanceEvent& event = events[position];
  switch (event.type) {
    case PerformanceEvent::kNoteOn:
      WriteNote(event.value, &input[kNoteOnOffset]);
      return absl::OkStatus();
    case PerformanceEvent::kNoteOff:
      WriteNote(event.value, &input[kNoteOffOffset]);
      return absl::OkStatus();
    case PerformanceEvent::kTimeShift:
      return WriteBin("time shift", event.value - 1, kMaxShiftSteps, &input[kTimeShiftOffset]);
    case PerformanceEvent::kVelocity:
      if (num_velocity_bins_ > 0) {
        return WriteBin("velocity", event.value - 1, num_velocity_bins_, &input[kVelocityOffset]);
      }
      break;
    case PerformanceEvent::kDuration:
      break;
  }
  return MagentaError("ValueError", absl::StrCat("Unknown event type: ", event.type));
}

absl::StatusOr<int> ModuloPerformanceEncoderDecoder::EventsToLabel(
    absl::Span<const PerformanceEvent> events, int position) const {
  MS_RETURN_IF_ERROR(CheckPosition(events, position));
  return one_hot_encoding_.EncodeEvent(events[position]);
}

absl::StatusOr<PerformanceEvent> ModuloPerformanceEncoderDecoder::ClassIndexToEvent(
    int class_index, absl::Span<const PerformanceEvent> events) const {
  return one_hot_encoding_.DecodeEvent(class_index);
}

}  // namespace magenta_serving
