// Classes of drum events, as MultiDrumOneHotEncoding of note_seq/drums_encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_MULTI_DRUM_ONE_HOT_ENCODING_H_
#define MAGENTA_SERVING_ENCODING_MULTI_DRUM_ONE_HOT_ENCODING_H_

#include <array>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/encoding/one_hot_encoding.h"
#include "servable/music/drum_track.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// The General MIDI drums as nine types: kick, snare, closed and open hi-hat, low, mid and high tom,
// crash and ride cymbal. The pitches of each, of which the first stands for the type.
const std::vector<std::vector<int>>& DefaultDrumTypePitches();

// All pitches as one type, for which hand clap stands: whether anything is hit.
const std::vector<std::vector<int>>& OneDrumTypePitches();

// Bit i of a class tells whether a drum of type i is hit. Pitches of no type are left out.
class MultiDrumOneHotEncoding : public OneHotEncoding<DrumEvent> {
 public:
  // For each type its MIDI pitches; no pitch is in two types, and there are less than 31.
  explicit MultiDrumOneHotEncoding(
      const std::vector<std::vector<int>>& drum_type_pitches = DefaultDrumTypePitches());

  int num_classes() const override;
  DrumEvent default_event() const override;  // silence
  absl::StatusOr<int> EncodeEvent(const DrumEvent& event) const override;
  // The first pitch of each type.
  absl::StatusOr<DrumEvent> DecodeEvent(int index) const override;

 private:
  std::vector<int> first_pitches_;                     // of each type
  std::array<int, kNumMidiPitches> type_bit_of_pitch_;  // 0 for pitches of no type
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_MULTI_DRUM_ONE_HOT_ENCODING_H_
