#include "servable/encoding/pianoroll_encoder_decoder.h"

#include <algorithm>

namespace magenta_serving {
namespace {

absl::Status CheckKeys(const PianorollEvent& event) {
  for (int key : event) {
    if (key < 0 || key >= kNumPianoPitches) {
      return MagentaError("IndexError", absl::StrCat("index ", key,
                                                     " is out of bounds for axis 0 with size ",
                                                     kNumPianoPitches));
    }
  }
  return absl::OkStatus();
}

}  // namespace

PianorollLabel PianorollEncoderDecoder::num_classes() const {
  PianorollLabel classes;
  classes.fill(2);
  return classes;
}

absl::Status PianorollEncoderDecoder::EventsToInput(absl::Span<const PianorollEvent> events,
                                                    int position, absl::Span<float> input) const {
  MS_RETURN_IF_ERROR(CheckPosition(events, position));
  MS_RETURN_IF_ERROR(CheckKeys(events[position]));
  std::fill(input.begin(), input.end(), 0.0f);
  for (int key : events[position]) input[key] = 1.0f;
  return absl::OkStatus();
}

absl::StatusOr<PianorollLabel> PianorollEncoderDecoder::EventsToLabel(
    absl::Span<const PianorollEvent> events, int position) const {
  MS_RETURN_IF_ERROR(CheckPosition(events, position));
  MS_RETURN_IF_ERROR(CheckKeys(events[position]));
  PianorollLabel label = {};
  for (int key : events[position]) label[key] = 1;
  return label;
}

absl::StatusOr<PianorollEvent> PianorollEncoderDecoder::ClassIndexToEvent(
    PianorollLabel class_index, absl::Span<const PianorollEvent> events) const {
  PianorollEvent event;
  for (int key = 0; key < kNumPianoPitches; ++key) {
    if (class_index[key] != 0) event.push_back(key);
  }
  return event;
}

}  // namespace magenta_serving
