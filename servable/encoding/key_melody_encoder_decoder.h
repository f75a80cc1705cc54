// Melody events with repeats, metric position and key, as KeyMelodyEncoderDecoder of
// note_seq/melody_encoder_decoder.py. The encoding of attention_rnn.
#ifndef MAGENTA_SERVING_ENCODING_KEY_MELODY_ENCODER_DECODER_H_
#define MAGENTA_SERVING_ENCODING_KEY_MELODY_ENCODER_DECODER_H_

#include <vector>

#include "servable/encoding/event_sequence_encoder_decoder.h"
#include "servable/encoding/lookback_event_sequence_encoder_decoder.h"

namespace magenta_serving {

// Input, for a range of r pitches and k distances:
//   r     the pitch that sounds          1   1 if one does       1   1 if none does
//   1     1 if it starts at the position
//   1     1 if the last pitches went up, -1 if down, 0 before there are two
//   k     for each distance, 1 if the event at the position repeats the one that far back
//   bits  the number of the next step in binary, 1 and -1
//   1     1 if the next step starts a bar of 16
//   12    1 for each major key with most notes of the melody so far
//   12    the same for the last three different pitches
// Labels: the r pitches, NO_EVENT, NOTE_OFF, then one for "as so far back" for each distance.
//
// EventsToInput takes time in proportion to `position`, EventsToInputs to the number of events.
class KeyMelodyEncoderDecoder : public EventSequenceEncoderDecoder<int> {
 public:
  // Pitches are min_note to max_note - 1. Distances are positive; labels need at least one.
  KeyMelodyEncoderDecoder(int min_note, int max_note,
                          std::vector<int> lookback_distances = DefaultLookbackDistances(),
                          int binary_counter_bits = 7);

  int input_size() const override;
  int num_classes() const override;
  int default_event_label() const override;

  // Also ValueError for an earlier event outside [-2, 127]. Position -1 stands for the time before
  // the first event.
  absl::Status EventsToInput(absl::Span<const int> events, int position,
                             absl::Span<float> input) const override;
  absl::Status EventsToInputs(absl::Span<const int> events, int begin,
                              absl::Span<float> inputs) const override;
  absl::StatusOr<int> EventsToLabel(absl::Span<const int> events, int position) const override;
  absl::StatusOr<int> ClassIndexToEvent(int class_index,
                                        absl::Span<const int> events) const override;

 private:
  class History;

  int num_lookbacks() const { return static_cast<int>(lookback_distances_.size()); }
  absl::Status WriteInput(absl::Span<const int> events, int position, const History& history,
                          absl::Span<float> input) const;

  const int min_note_;
  const int note_range_;
  const std::vector<int> lookback_distances_;
  const int binary_counter_bits_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_KEY_MELODY_ENCODER_DECODER_H_
