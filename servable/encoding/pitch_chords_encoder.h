// Chords by their pitch classes, as PitchChordsEncoderDecoder of
// note_seq/chords_encoder_decoder.py, which has no labels either.
#ifndef MAGENTA_SERVING_ENCODING_PITCH_CHORDS_ENCODER_H_
#define MAGENTA_SERVING_ENCODING_PITCH_CHORDS_ENCODER_H_

#include <string>

#include "servable/encoding/event_sequence_encoder_decoder.h"

namespace magenta_serving {

// Input:
//   1   1 for kNoChord, when all others are 0
//   12  the root
//   12  1 for each pitch class of the chord
//   12  the bass
class PitchChordsEncoder : public EventSequenceEncoder<std::string> {
 public:
  int input_size() const override;

  // ChordSymbolError for a text that is not a chord symbol.
  absl::Status EventsToInput(absl::Span<const std::string> events, int position,
                             absl::Span<float> input) const override;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_PITCH_CHORDS_ENCODER_H_
