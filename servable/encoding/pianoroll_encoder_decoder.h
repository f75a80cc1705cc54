// Pianoroll events as one bit for each key, as PianorollEncoderDecoder of
// note_seq/pianoroll_encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_PIANOROLL_ENCODER_DECODER_H_
#define MAGENTA_SERVING_ENCODING_PIANOROLL_ENCODER_DECODER_H_

#include <array>

#include "servable/encoding/event_sequence_encoder_decoder.h"
#include "servable/music/pianoroll_sequence.h"

namespace magenta_serving {

// 1 for each key that is down: Python's label is the number that has these bits, the lowest key's
// first.
using PianorollLabel = std::array<int, kNumPianoPitches>;

// The input has a 1 for each key that is down, and so has the label.
class PianorollEncoderDecoder
    : public EventSequenceEncoderDecoder<PianorollEvent, PianorollLabel> {
 public:
  int input_size() const override { return kNumPianoPitches; }
  PianorollLabel num_classes() const override;
  PianorollLabel default_event_label() const override { return {}; }

  // IndexError for a key that a piano does not have.
  absl::Status EventsToInput(absl::Span<const PianorollEvent> events, int position,
                             absl::Span<float> input) const override;
  absl::StatusOr<PianorollLabel> EventsToLabel(absl::Span<const PianorollEvent> events,
                                               int position) const override;
  // The keys in ascending order.
  absl::StatusOr<PianorollEvent> ClassIndexToEvent(
      PianorollLabel class_index, absl::Span<const PianorollEvent> events) const override;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_PIANOROLL_ENCODER_DECODER_H_
